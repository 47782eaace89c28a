package dev.howdah.sanity.check;

import com.google.protobuf.ByteString;
import dev.howdah.proto.backup.BackupRequest;
import dev.howdah.proto.identity.PluginCapability.Service.Type;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.proto.metrics.CollectMetricsRequest;
import dev.howdah.proto.metrics.DefineMetricsRequest;
import dev.howdah.proto.operator.DeregisterRequest;
import dev.howdah.proto.operator.OperatorCapability;
import dev.howdah.proto.operator.OperatorMutateClusterRequest;
import dev.howdah.proto.operator.OperatorValidateClusterChangeRequest;
import dev.howdah.proto.operator.OperatorValidateClusterCreateRequest;
import dev.howdah.proto.operator.SetStatusInClusterRequest;
import dev.howdah.proto.postgres.EnrichConfigurationRequest;
import dev.howdah.proto.postgres.OperationType;
import dev.howdah.proto.reconciler.ReconcilerHooksRequest;
import dev.howdah.proto.restorejob.RestoreRequest;
import dev.howdah.proto.wal.SetFirstRequiredRequest;
import dev.howdah.proto.wal.WALArchiveRequest;
import dev.howdah.proto.wal.WALCapability;
import dev.howdah.proto.wal.WALRestoreRequest;
import dev.howdah.proto.wal.WALStatusRequest;
import dev.howdah.sanity.driver.Offer;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.Wire;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/**
 * One call of a service beyond GetCapabilities, and how to make it with a Cluster that is no JSON:
 * answered by every plugin that implements it, harmful to none.
 */
record Rpc(Type service, String name, Predicate<Offer> offered, BiConsumer<Wire, ByteString> call) {
  /** Bytes that are no JSON. */
  static final ByteString BROKEN = ByteString.copyFromUtf8("{\"kind\": \"Cluster\", ");

  private static final String WAL_NAME = "0000000100000000000000FE";

  static final List<Rpc> ALL =
      List.of(
          new Rpc(
              Type.TYPE_OPERATOR_SERVICE,
              "Operator.ValidateClusterCreate",
              offer -> offer.has(OperatorCapability.RPC.Type.TYPE_VALIDATE_CLUSTER_CREATE),
              (wire, bytes) ->
                  wire.operator()
                      .validateClusterCreate(
                          OperatorValidateClusterCreateRequest.newBuilder()
                              .setDefinition(bytes)
                              .build())),
          new Rpc(
              Type.TYPE_OPERATOR_SERVICE,
              "Operator.ValidateClusterChange",
              offer -> offer.has(OperatorCapability.RPC.Type.TYPE_VALIDATE_CLUSTER_CHANGE),
              (wire, bytes) ->
                  wire.operator()
                      .validateClusterChange(
                          OperatorValidateClusterChangeRequest.newBuilder()
                              .setOldCluster(bytes)
                              .setNewCluster(bytes)
                              .build())),
          new Rpc(
              Type.TYPE_OPERATOR_SERVICE,
              "Operator.MutateCluster",
              offer -> offer.has(OperatorCapability.RPC.Type.TYPE_MUTATE_CLUSTER),
              (wire, bytes) ->
                  wire.operator()
                      .mutateCluster(
                          OperatorMutateClusterRequest.newBuilder().setDefinition(bytes).build())),
          new Rpc(
              Type.TYPE_OPERATOR_SERVICE,
              "Operator.SetStatusInCluster",
              offer -> offer.has(OperatorCapability.RPC.Type.TYPE_SET_STATUS_IN_CLUSTER),
              (wire, bytes) ->
                  wire.operator()
                      .setStatusInCluster(
                          SetStatusInClusterRequest.newBuilder().setCluster(bytes).build())),
          new Rpc(
              Type.TYPE_OPERATOR_SERVICE,
              "Operator.Deregister",
              offer -> offer.has(OperatorCapability.RPC.Type.TYPE_DEREGISTER),
              (wire, bytes) ->
                  wire.operator()
                      .deregister(DeregisterRequest.newBuilder().setDefinition(bytes).build())),
          new Rpc(
              Type.TYPE_LIFECYCLE_SERVICE,
              "OperatorLifecycle.LifecycleHook",
              offer -> offer.lifecycle().getLifecycleCapabilitiesCount() > 0,
              (wire, bytes) ->
                  wire.lifecycle()
                      .lifecycleHook(
                          OperatorLifecycleRequest.newBuilder()
                              .setOperationType(
                                  OperatorOperationType.newBuilder()
                                      .setType(OperatorOperationType.Type.TYPE_EVALUATE))
                              .setClusterDefinition(bytes)
                              .setObjectDefinition(bytes)
                              .build())),
          new Rpc(
              Type.TYPE_RECONCILER_HOOKS,
              "ReconcilerHooks.Pre",
              offer -> offer.reconciler().getReconcilerCapabilitiesCount() > 0,
              (wire, bytes) -> wire.reconciler().pre(reconcile(bytes))),
          new Rpc(
              Type.TYPE_RECONCILER_HOOKS,
              "ReconcilerHooks.Post",
              offer -> offer.reconciler().getReconcilerCapabilitiesCount() > 0,
              (wire, bytes) -> wire.reconciler().post(reconcile(bytes))),
          new Rpc(
              Type.TYPE_WAL_SERVICE,
              "WAL.Archive",
              offer -> offer.has(WALCapability.RPC.Type.TYPE_ARCHIVE_WAL),
              (wire, bytes) ->
                  wire.wal()
                      .archive(
                          WALArchiveRequest.newBuilder()
                              .setClusterDefinition(bytes)
                              .setSourceFileName("/nonexistent/pg_wal/" + WAL_NAME)
                              .build())),
          new Rpc(
              Type.TYPE_WAL_SERVICE,
              "WAL.Restore",
              offer -> offer.has(WALCapability.RPC.Type.TYPE_RESTORE_WAL),
              (wire, bytes) ->
                  wire.wal()
                      .restore(
                          WALRestoreRequest.newBuilder()
                              .setClusterDefinition(bytes)
                              .setSourceWalName(WAL_NAME)
                              .setDestinationFileName("/nonexistent/pg_wal/RECOVERYXLOG")
                              .build())),
          new Rpc(
              Type.TYPE_WAL_SERVICE,
              "WAL.Status",
              offer -> offer.has(WALCapability.RPC.Type.TYPE_STATUS),
              (wire, bytes) ->
                  wire.wal()
                      .status(WALStatusRequest.newBuilder().setClusterDefinition(bytes).build())),
          new Rpc(
              Type.TYPE_WAL_SERVICE,
              "WAL.SetFirstRequired",
              offer -> offer.has(WALCapability.RPC.Type.TYPE_SET_FIRST_REQUIRED),
              (wire, bytes) ->
                  wire.wal()
                      .setFirstRequired(
                          SetFirstRequiredRequest.newBuilder()
                              .setClusterDefinition(bytes)
                              .setFirstRequiredWal(WAL_NAME)
                              .build())),
          new Rpc(
              Type.TYPE_BACKUP_SERVICE,
              "Backup.Backup",
              Offer::hasBackup,
              (wire, bytes) ->
                  wire.backup()
                      .backup(
                          BackupRequest.newBuilder()
                              .setClusterDefinition(bytes)
                              .setBackupDefinition(bytes)
                              .build())),
          new Rpc(
              Type.TYPE_RESTORE_JOB,
              "RestoreJobHooks.Restore",
              Offer::hasRestore,
              (wire, bytes) ->
                  wire.restore()
                      .restore(RestoreRequest.newBuilder().setClusterDefinition(bytes).build())),
          new Rpc(
              Type.TYPE_POSTGRES,
              "Postgres.EnrichConfiguration",
              Offer::hasEnrich,
              (wire, bytes) ->
                  wire.postgres()
                      .enrichConfiguration(
                          EnrichConfigurationRequest.newBuilder()
                              .setClusterDefinition(bytes)
                              .setOperationType(
                                  OperationType.newBuilder()
                                      .setType(OperationType.Type.TYPE_RECONCILE))
                              .build())),
          new Rpc(
              Type.TYPE_METRICS,
              "Metrics.Define",
              Offer::hasMetrics,
              (wire, bytes) ->
                  wire.metrics()
                      .define(
                          DefineMetricsRequest.newBuilder().setClusterDefinition(bytes).build())),
          new Rpc(
              Type.TYPE_METRICS,
              "Metrics.Collect",
              Offer::hasMetrics,
              (wire, bytes) ->
                  wire.metrics()
                      .collect(
                          CollectMetricsRequest.newBuilder().setClusterDefinition(bytes).build())));

  private static ReconcilerHooksRequest reconcile(ByteString bytes) {
    return ReconcilerHooksRequest.newBuilder()
        .setClusterDefinition(bytes)
        .setResourceDefinition(bytes)
        .build();
  }

  /** The calls that this plugin offers. */
  static List<Rpc> offeredBy(Session session) {
    return ALL.stream().filter(rpc -> rpc.offered.test(session.offer())).toList();
  }
}
