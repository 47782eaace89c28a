package dev.howdah.host.service;

import dev.howdah.host.call.CallContext;
import dev.howdah.host.call.HookRunner;
import dev.howdah.host.call.Rpc;
import dev.howdah.host.guard.RestoreGuard;
import dev.howdah.plugin.backup.RestoreHook;
import dev.howdah.plugin.backup.RestoreResult;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.proto.restorejob.RestoreJobHooksCapabilitiesRequest;
import dev.howdah.proto.restorejob.RestoreJobHooksCapabilitiesResult;
import dev.howdah.proto.restorejob.RestoreJobHooksCapability;
import dev.howdah.proto.restorejob.RestoreJobHooksGrpc;
import dev.howdah.proto.restorejob.RestoreRequest;
import dev.howdah.proto.restorejob.RestoreResponse;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.stereotype.Service;

/** {@code cnpgi.wal.v1.RestoreJobHooks}: a new instance's data directory from a backup. */
@Service
public class RestoreJobService extends RestoreJobHooksGrpc.RestoreJobHooksImplBase {

  private final HookRunner hooks;
  private final RestoreGuard guard = new RestoreGuard();

  /**
   * Makes the service.
   *
   * @param hooks runs hooks
   */
  public RestoreJobService(HookRunner hooks) {
    this.hooks = hooks;
  }

  @Override
  public void getCapabilities(
      RestoreJobHooksCapabilitiesRequest request,
      StreamObserver<RestoreJobHooksCapabilitiesResult> observer) {
    CatalogAnswers.capabilities(
        observer,
        ServiceCapability.RESTORE_JOB,
        capabilities ->
            RestoreJobHooksCapabilitiesResult.newBuilder()
                .addCapabilities(
                    RestoreJobHooksCapability.newBuilder()
                        .setKind(RestoreJobHooksCapability.Kind.KIND_RESTORE))
                .build());
  }

  @Override
  public void restore(RestoreRequest request, StreamObserver<RestoreResponse> observer) {
    hooks.run(
        Rpc.RESTORE,
        observer,
        null,
        call -> {
          RestoreHook hook = Offers.require(call, call.plugin().hooks().restore());
          CallContext context = call.context(call.cluster(request.getClusterDefinition()));
          Offers.enabled(call, context);
          Optional<Boolean> checkEmpty =
              request.hasCheckEmptyWalArchive()
                  ? Optional.of(request.getCheckEmptyWalArchive())
                  : Optional.empty();
          RestoreResult result =
              guard.check(
                  call.pluginName(),
                  hook.restore(new dev.howdah.plugin.backup.RestoreRequest(checkEmpty), context));
          RestoreResponse.Builder answer =
              RestoreResponse.newBuilder().setRestoreConfig(result.configuration());
          new TreeMap<>(result.environment())
              .forEach((name, value) -> answer.addEnvs(name + "=" + value));
          return answer.build();
        });
  }
}
