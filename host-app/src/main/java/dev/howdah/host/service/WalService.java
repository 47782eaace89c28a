package dev.howdah.host.service;

import dev.howdah.host.call.BadRequest;
import dev.howdah.host.call.CallContext;
import dev.howdah.host.call.HookRunner;
import dev.howdah.host.call.Rpc;
import dev.howdah.host.guard.WalGuard;
import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.Parameters;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.plugin.registry.Capabilities.WalRpc;
import dev.howdah.plugin.wal.WalArchiveHook;
import dev.howdah.plugin.wal.WalArchiveRequest;
import dev.howdah.plugin.wal.WalRestoreHook;
import dev.howdah.plugin.wal.WalRestoreRequest;
import dev.howdah.plugin.wal.WalStatus;
import dev.howdah.plugin.wal.WalStatusHook;
import dev.howdah.proto.wal.SetFirstRequiredRequest;
import dev.howdah.proto.wal.SetFirstRequiredResult;
import dev.howdah.proto.wal.WALArchiveResult;
import dev.howdah.proto.wal.WALCapabilitiesRequest;
import dev.howdah.proto.wal.WALCapabilitiesResult;
import dev.howdah.proto.wal.WALCapability;
import dev.howdah.proto.wal.WALGrpc;
import dev.howdah.proto.wal.WALRestoreResult;
import dev.howdah.proto.wal.WALStatusRequest;
import dev.howdah.proto.wal.WALStatusResult;
import io.grpc.stub.StreamObserver;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.springframework.stereotype.Service;

/** {@code cnpgi.wal.v1.WAL}: PostgreSQL's archive and restore commands. */
@Service
public class WalService extends WALGrpc.WALImplBase {

  /** Segments, timeline histories, backup labels, partial segments; never a path. */
  private static final Pattern WAL_NAME = Pattern.compile("[0-9A-Za-z][0-9A-Za-z._-]{0,127}");

  private final HookRunner hooks;
  private final ParameterBinder binder;
  private final WalGuard guard = new WalGuard();

  /**
   * Makes the service.
   *
   * @param hooks runs hooks
   * @param binder binds parameters given with a call
   */
  public WalService(HookRunner hooks, ParameterBinder binder) {
    this.hooks = hooks;
    this.binder = binder;
  }

  @Override
  public void getCapabilities(
      WALCapabilitiesRequest request, StreamObserver<WALCapabilitiesResult> observer) {
    CatalogAnswers.capabilities(
        observer,
        ServiceCapability.WAL_SERVICE,
        capabilities -> {
          WALCapabilitiesResult.Builder answer = WALCapabilitiesResult.newBuilder();
          capabilities.wal().forEach(rpc -> answer.addCapabilities(toWire(rpc)));
          return answer.build();
        });
  }

  @Override
  public void archive(
      dev.howdah.proto.wal.WALArchiveRequest request, StreamObserver<WALArchiveResult> observer) {
    hooks.run(
        Rpc.ARCHIVE,
        observer,
        null,
        call -> {
          WalArchiveHook hook = Offers.require(call, call.plugin().hooks().archiveWal());
          CallContext context = call.context(call.cluster(request.getClusterDefinition()));
          Path source = absolute("source_file_name", request.getSourceFileName());
          walName("source_file_name", String.valueOf(source.getFileName()));
          Offers.enabled(call, context);
          hook.archive(
              new WalArchiveRequest(
                  source,
                  parameters(request.getParametersMap()),
                  request.hasCheckEmptyWalArchive()
                      ? Optional.of(request.getCheckEmptyWalArchive())
                      : Optional.empty()),
              context);
          return WALArchiveResult.getDefaultInstance();
        });
  }

  @Override
  public void restore(
      dev.howdah.proto.wal.WALRestoreRequest request, StreamObserver<WALRestoreResult> observer) {
    hooks.run(
        Rpc.RESTORE_WAL,
        observer,
        null,
        call -> {
          WalRestoreHook hook = Offers.require(call, call.plugin().hooks().restoreWal());
          CallContext context = call.context(call.cluster(request.getClusterDefinition()));
          WalRestoreRequest restore =
              new WalRestoreRequest(
                  walName("source_wal_name", request.getSourceWalName()),
                  absolute("destination_file_name", request.getDestinationFileName()),
                  mode(request.getMode()),
                  parameters(request.getParametersMap()));
          Offers.enabled(call, context);
          hook.restore(restore, context);
          return WALRestoreResult.getDefaultInstance();
        });
  }

  @Override
  public void status(WALStatusRequest request, StreamObserver<WALStatusResult> observer) {
    hooks.run(
        Rpc.WAL_STATUS,
        observer,
        null,
        call -> {
          WalStatusHook hook = Offers.require(call, call.plugin().hooks().walStatus());
          CallContext context = call.context(call.cluster(request.getClusterDefinition()));
          Offers.enabled(call, context);
          WalStatus status = guard.check(call.pluginName(), hook.status(context));
          return WALStatusResult.newBuilder()
              .setFirstWal(status.firstWal())
              .setLastWal(status.lastWal())
              .putAllAdditionalInformation(status.additionalInformation())
              .build();
        });
  }

  @Override
  public void setFirstRequired(
      SetFirstRequiredRequest request, StreamObserver<SetFirstRequiredResult> observer) {
    hooks.run(
        Rpc.SET_FIRST_REQUIRED,
        observer,
        null,
        call -> {
          var hook = Offers.require(call, call.plugin().hooks().firstRequiredWal());
          CallContext context = call.context(call.cluster(request.getClusterDefinition()));
          String walName = walName("first_required_wal", request.getFirstRequiredWal());
          Offers.enabled(call, context);
          hook.setFirstRequired(walName, context);
          return SetFirstRequiredResult.getDefaultInstance();
        });
  }

  private Parameters parameters(Map<String, String> values) {
    return new Parameters(values, List.of("parameters"), binder);
  }

  private static Path absolute(String field, String text) {
    try {
      Path path = Path.of(text);
      if (text.isEmpty() || !path.isAbsolute() || path.getFileName() == null) {
        throw new BadRequest("%s must be the absolute path of a file".formatted(field));
      }
      return path;
    } catch (InvalidPathException e) {
      throw new BadRequest("%s is not a path".formatted(field), e);
    }
  }

  private static String walName(String field, String name) {
    if (!WAL_NAME.matcher(name).matches()) {
      throw new BadRequest("%s must be the name of a WAL file".formatted(field));
    }
    return name;
  }

  private static WalRestoreRequest.Mode mode(dev.howdah.proto.wal.WALRestoreRequest.Mode mode) {
    return switch (mode) {
      case MODE_UNSPECIFIED, MODE_RECOVERY -> WalRestoreRequest.Mode.RECOVERY;
      case MODE_REWIND -> WalRestoreRequest.Mode.REWIND;
      case UNRECOGNIZED -> throw new BadRequest("its mode is unknown");
    };
  }

  private static WALCapability toWire(WalRpc rpc) {
    WALCapability.RPC.Type type =
        switch (rpc) {
          case ARCHIVE_WAL -> WALCapability.RPC.Type.TYPE_ARCHIVE_WAL;
          case RESTORE_WAL -> WALCapability.RPC.Type.TYPE_RESTORE_WAL;
          case STATUS -> WALCapability.RPC.Type.TYPE_STATUS;
          case SET_FIRST_REQUIRED -> WALCapability.RPC.Type.TYPE_SET_FIRST_REQUIRED;
        };
    return WALCapability.newBuilder().setRpc(WALCapability.RPC.newBuilder().setType(type)).build();
  }
}
