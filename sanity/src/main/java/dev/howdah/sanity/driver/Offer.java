package dev.howdah.sanity.driver;

import dev.howdah.proto.backup.BackupCapabilitiesRequest;
import dev.howdah.proto.backup.BackupCapabilitiesResult;
import dev.howdah.proto.identity.GetPluginCapabilitiesRequest;
import dev.howdah.proto.identity.GetPluginCapabilitiesResponse;
import dev.howdah.proto.identity.PluginCapability;
import dev.howdah.proto.identity.PluginCapability.Service.Type;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilities;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilitiesRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilitiesResponse;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.proto.metrics.MetricsCapabilitiesRequest;
import dev.howdah.proto.metrics.MetricsCapabilitiesResult;
import dev.howdah.proto.operator.OperatorCapabilitiesRequest;
import dev.howdah.proto.operator.OperatorCapabilitiesResult;
import dev.howdah.proto.operator.OperatorCapability;
import dev.howdah.proto.postgres.PostgresCapabilitiesRequest;
import dev.howdah.proto.postgres.PostgresCapabilitiesResult;
import dev.howdah.proto.reconciler.ReconcilerHooksCapabilitiesRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksCapabilitiesResult;
import dev.howdah.proto.reconciler.ReconcilerHooksCapability;
import dev.howdah.proto.restorejob.RestoreJobHooksCapabilitiesRequest;
import dev.howdah.proto.restorejob.RestoreJobHooksCapabilitiesResult;
import dev.howdah.proto.restorejob.RestoreJobHooksCapability;
import dev.howdah.proto.wal.WALCapabilitiesRequest;
import dev.howdah.proto.wal.WALCapabilitiesResult;
import dev.howdah.proto.wal.WALCapability;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.function.Supplier;

/**
 * What a plugin offers, read in the operator's loading order. Reading is lenient: a declared
 * service that does not answer counts as offering nothing, since that is the finding of a check of
 * its own.
 *
 * @param plugin the plugin's own list
 * @param operator what Operator offers
 * @param lifecycle what OperatorLifecycle offers
 * @param wal what WAL offers
 * @param backup what Backup offers
 * @param reconciler what ReconcilerHooks offers
 * @param restore what RestoreJobHooks offers
 * @param postgres what Postgres offers
 * @param metrics what Metrics offers
 */
public record Offer(
    GetPluginCapabilitiesResponse plugin,
    OperatorCapabilitiesResult operator,
    OperatorLifecycleCapabilitiesResponse lifecycle,
    WALCapabilitiesResult wal,
    BackupCapabilitiesResult backup,
    ReconcilerHooksCapabilitiesResult reconciler,
    RestoreJobHooksCapabilitiesResult restore,
    PostgresCapabilitiesResult postgres,
    MetricsCapabilitiesResult metrics) {

  /** Asks the plugin, and each service it declares, in the operator's order. */
  static Offer read(Wire wire) {
    GetPluginCapabilitiesResponse plugin =
        wire.identity().getPluginCapabilities(GetPluginCapabilitiesRequest.getDefaultInstance());
    return new Offer(
        plugin,
        declared(plugin, Type.TYPE_OPERATOR_SERVICE, OperatorCapabilitiesResult::getDefaultInstance)
            .ask(
                () ->
                    wire.operator()
                        .getCapabilities(OperatorCapabilitiesRequest.getDefaultInstance())),
        declared(
                plugin,
                Type.TYPE_LIFECYCLE_SERVICE,
                OperatorLifecycleCapabilitiesResponse::getDefaultInstance)
            .ask(
                () ->
                    wire.lifecycle()
                        .getCapabilities(
                            OperatorLifecycleCapabilitiesRequest.getDefaultInstance())),
        declared(plugin, Type.TYPE_WAL_SERVICE, WALCapabilitiesResult::getDefaultInstance)
            .ask(() -> wire.wal().getCapabilities(WALCapabilitiesRequest.getDefaultInstance())),
        declared(plugin, Type.TYPE_BACKUP_SERVICE, BackupCapabilitiesResult::getDefaultInstance)
            .ask(
                () ->
                    wire.backup().getCapabilities(BackupCapabilitiesRequest.getDefaultInstance())),
        declared(
                plugin,
                Type.TYPE_RECONCILER_HOOKS,
                ReconcilerHooksCapabilitiesResult::getDefaultInstance)
            .ask(
                () ->
                    wire.reconciler()
                        .getCapabilities(ReconcilerHooksCapabilitiesRequest.getDefaultInstance())),
        declared(
                plugin,
                Type.TYPE_RESTORE_JOB,
                RestoreJobHooksCapabilitiesResult::getDefaultInstance)
            .ask(
                () ->
                    wire.restore()
                        .getCapabilities(RestoreJobHooksCapabilitiesRequest.getDefaultInstance())),
        declared(plugin, Type.TYPE_POSTGRES, PostgresCapabilitiesResult::getDefaultInstance)
            .ask(
                () ->
                    wire.postgres()
                        .getCapabilities(PostgresCapabilitiesRequest.getDefaultInstance())),
        declared(plugin, Type.TYPE_METRICS, MetricsCapabilitiesResult::getDefaultInstance)
            .ask(
                () ->
                    wire.metrics()
                        .getCapabilities(MetricsCapabilitiesRequest.getDefaultInstance())));
  }

  private static <T> Declared<T> declared(
      GetPluginCapabilitiesResponse plugin, Type type, Supplier<T> nothing) {
    return new Declared<>(has(plugin, type), nothing);
  }

  private record Declared<T>(boolean yes, Supplier<T> nothing) {
    T ask(Supplier<T> call) {
      if (!yes) {
        return nothing.get();
      }
      try {
        return call.get();
      } catch (StatusRuntimeException e) {
        return nothing.get();
      }
    }
  }

  private static boolean has(GetPluginCapabilitiesResponse plugin, Type type) {
    return plugin.getCapabilitiesList().stream()
        .filter(PluginCapability::hasService)
        .anyMatch(capability -> capability.getService().getType() == type);
  }

  /**
   * Whether the plugin declares a service or a property of its own.
   *
   * @param type which
   */
  public boolean has(Type type) {
    return has(plugin, type);
  }

  /**
   * Whether Operator offers a call.
   *
   * @param type which
   */
  public boolean has(OperatorCapability.RPC.Type type) {
    return operator.getCapabilitiesList().stream()
        .anyMatch(each -> each.hasRpc() && each.getRpc().getType() == type);
  }

  /**
   * Whether WAL offers a call.
   *
   * @param type which
   */
  public boolean has(WALCapability.RPC.Type type) {
    return wal.getCapabilitiesList().stream()
        .anyMatch(each -> each.hasRpc() && each.getRpc().getType() == type);
  }

  /**
   * Whether ReconcilerHooks wants a kind.
   *
   * @param kind which
   */
  public boolean has(ReconcilerHooksCapability.Kind kind) {
    return reconciler.getReconcilerCapabilitiesList().stream()
        .anyMatch(each -> each.getKind() == kind);
  }

  /** Whether the restore job calls the plugin. */
  public boolean hasRestore() {
    return restore.getCapabilitiesList().stream()
        .anyMatch(each -> each.getKind() == RestoreJobHooksCapability.Kind.KIND_RESTORE);
  }

  /** Whether Backup.Backup is offered. */
  public boolean hasBackup() {
    return backup.getCapabilitiesList().stream()
        .anyMatch(each -> each.hasRpc() && each.getRpc().getTypeValue() == 1);
  }

  /** Whether EnrichConfiguration is offered. */
  public boolean hasEnrich() {
    return postgres.getCapabilitiesList().stream()
        .anyMatch(each -> each.hasRpc() && each.getRpc().getTypeValue() == 1);
  }

  /** Whether Define and Collect are offered. */
  public boolean hasMetrics() {
    return metrics.getCapabilitiesList().stream()
        .anyMatch(each -> each.hasRpc() && each.getRpc().getTypeValue() == 1);
  }

  /**
   * Whether the lifecycle hook is called for a kind and a verb.
   *
   * @param group API group, empty for the core group
   * @param kind the kind, such as {@code Pod}
   * @param verb the verb
   */
  public boolean has(String group, String kind, OperatorOperationType.Type verb) {
    return lifecycle.getLifecycleCapabilitiesList().stream()
        .filter(each -> each.getGroup().equals(group) && each.getKind().equals(kind))
        .anyMatch(each -> verbs(each).contains(verb));
  }

  /**
   * The verbs of one lifecycle entry.
   *
   * @param entry the entry
   */
  public static List<OperatorOperationType.Type> verbs(OperatorLifecycleCapabilities entry) {
    return entry.getOperationTypesList().stream().map(OperatorOperationType::getType).toList();
  }
}
