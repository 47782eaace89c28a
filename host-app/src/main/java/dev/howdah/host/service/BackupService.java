package dev.howdah.host.service;

import com.google.protobuf.ByteString;
import dev.howdah.host.call.CallContext;
import dev.howdah.host.call.HookRunner;
import dev.howdah.host.call.Rpc;
import dev.howdah.host.guard.BackupGuard;
import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.Parameters;
import dev.howdah.plugin.backup.BackupHook;
import dev.howdah.plugin.backup.BackupRequest;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.proto.backup.BackupCapabilitiesRequest;
import dev.howdah.proto.backup.BackupCapabilitiesResult;
import dev.howdah.proto.backup.BackupCapability;
import dev.howdah.proto.backup.BackupGrpc;
import dev.howdah.proto.backup.BackupResult;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.springframework.stereotype.Service;

/** {@code cnpgi.backup.v1.Backup}: base backups. */
@Service
public class BackupService extends BackupGrpc.BackupImplBase {

  private final HookRunner hooks;
  private final ParameterBinder binder;
  private final BackupGuard guard = new BackupGuard();

  /**
   * Makes the service.
   *
   * @param hooks runs hooks
   * @param binder binds the Backup's parameters
   */
  public BackupService(HookRunner hooks, ParameterBinder binder) {
    this.hooks = hooks;
    this.binder = binder;
  }

  @Override
  public void getCapabilities(
      BackupCapabilitiesRequest request, StreamObserver<BackupCapabilitiesResult> observer) {
    CatalogAnswers.capabilities(
        observer,
        ServiceCapability.BACKUP_SERVICE,
        capabilities ->
            BackupCapabilitiesResult.newBuilder()
                .addCapabilities(
                    BackupCapability.newBuilder()
                        .setRpc(
                            BackupCapability.RPC
                                .newBuilder()
                                .setType(BackupCapability.RPC.Type.TYPE_BACKUP)))
                .build());
  }

  @Override
  public void backup(
      dev.howdah.proto.backup.BackupRequest request, StreamObserver<BackupResult> observer) {
    hooks.run(
        Rpc.BACKUP,
        observer,
        null,
        call -> {
          BackupHook hook = Offers.require(call, call.plugin().hooks().backup());
          CallContext context = call.context(call.cluster(request.getClusterDefinition()));
          BackupRequest backup =
              new BackupRequest(
                  call.backup(request.getBackupDefinition()),
                  new Parameters(
                      request.getParametersMap(),
                      List.of("spec", "pluginConfiguration", "parameters"),
                      binder));
          Offers.enabled(call, context);
          return toWire(guard.check(call.pluginName(), hook.backup(backup, context)));
        });
  }

  private static BackupResult toWire(dev.howdah.plugin.backup.BackupResult result) {
    return BackupResult.newBuilder()
        .setBackupId(result.backupId())
        .setBackupName(result.backupName())
        .setStartedAt(result.startedAt().getEpochSecond())
        .setStoppedAt(result.stoppedAt().getEpochSecond())
        .setBeginWal(result.beginWal())
        .setEndWal(result.endWal())
        .setBeginLsn(result.beginLsn())
        .setEndLsn(result.endLsn())
        .setBackupLabelFile(ByteString.copyFromUtf8(result.backupLabelFile()))
        .setTablespaceMapFile(ByteString.copyFromUtf8(result.tablespaceMapFile()))
        .setInstanceId(result.instanceId())
        .setOnline(result.online())
        .putAllMetadata(result.metadata())
        .build();
  }
}
