package dev.howdah.plugin.registry;

import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.lifecycle.ObjectType;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a plugin declares to its callers. Derived from its hooks, never written by hand.
 *
 * @param services services, in the protocol's order
 * @param operator RPCs of the Operator service
 * @param lifecycle kinds and operations, sorted by group and kind
 * @param wal RPCs of the WAL service
 * @param reconciler kinds of the ReconcilerHooks service
 */
public record Capabilities(
    Set<ServiceCapability> services,
    Set<OperatorRpc> operator,
    List<LifecycleCapability> lifecycle,
    Set<WalRpc> wal,
    Set<ReconcilerKind> reconciler) {

  /** What {@code Identity.GetPluginCapabilities} can declare. */
  public enum ServiceCapability {
    /** The Operator service. */
    OPERATOR_SERVICE,
    /** The WAL service. */
    WAL_SERVICE,
    /** The Backup service. */
    BACKUP_SERVICE,
    /** The OperatorLifecycle service. */
    LIFECYCLE_SERVICE,
    /** The ReconcilerHooks service. */
    RECONCILER_HOOKS,
    /** The RestoreJobHooks service. */
    RESTORE_JOB,
    /** The Postgres service. */
    POSTGRES,
    /** The plugin adds a sidecar to instances, and the instance manager must load it. */
    INSTANCE_SIDECAR_INJECTION,
    /** The plugin adds a sidecar to Jobs, and the instance manager must load it there. */
    INSTANCE_JOB_SIDECAR_INJECTION,
    /** The Metrics service. */
    METRICS
  }

  /** What {@code Operator.GetCapabilities} can declare. */
  public enum OperatorRpc {
    /** {@code ValidateClusterCreate}. */
    VALIDATE_CLUSTER_CREATE,
    /** {@code ValidateClusterChange}. */
    VALIDATE_CLUSTER_CHANGE,
    /** {@code MutateCluster}. */
    MUTATE_CLUSTER,
    /** {@code SetStatusInCluster}. */
    SET_STATUS_IN_CLUSTER,
    /** {@code Deregister}. */
    DEREGISTER
  }

  /** What {@code WAL.GetCapabilities} can declare. */
  public enum WalRpc {
    /** {@code Archive}. */
    ARCHIVE_WAL,
    /** {@code Restore}. */
    RESTORE_WAL,
    /** {@code Status}. */
    STATUS,
    /** {@code SetFirstRequired}. */
    SET_FIRST_REQUIRED
  }

  /** What {@code ReconcilerHooks.GetCapabilities} can declare. */
  public enum ReconcilerKind {
    /** Loops of Clusters. */
    CLUSTER,
    /** Loops of Backups. */
    BACKUP
  }

  /** Makes everything unmodifiable, in declared order. */
  public Capabilities {
    services = ordered(services, ServiceCapability.class);
    operator = ordered(operator, OperatorRpc.class);
    lifecycle = List.copyOf(lifecycle);
    wal = ordered(wal, WalRpc.class);
    reconciler = ordered(reconciler, ReconcilerKind.class);
  }

  /**
   * Derives capabilities.
   *
   * <p>EnrichConfiguration brings both sidecar-injection capabilities, since the instance manager
   * loads a plugin for it only where they are declared; Metrics brings that for instances. WAL,
   * Backup and RestoreJob bring neither: they are found by socket. CREATE of Pods brings EVALUATE.
   * Any hook inside the instance brings the lifecycle entries that the sidecar needs: Pod CREATE
   * and EVALUATE, Job CREATE.
   *
   * @param hooks what the plugin registered
   * @param side which side the host serves; services of the other are not declared
   */
  public static Capabilities derive(RegisteredHooks hooks, Side side) {
    boolean operatorSide = side != Side.INSTANCE;
    boolean instanceSide = side != Side.OPERATOR;
    Set<OperatorRpc> operator = operatorSide ? operatorRpcs(hooks) : Set.of();
    List<LifecycleCapability> lifecycle = operatorSide ? lifecycle(hooks) : List.of();
    Set<ReconcilerKind> reconciler = operatorSide ? reconcilerKinds(hooks) : Set.of();
    Set<WalRpc> wal = instanceSide ? walRpcs(hooks) : Set.of();

    EnumSet<ServiceCapability> services = EnumSet.noneOf(ServiceCapability.class);
    addIf(services, ServiceCapability.OPERATOR_SERVICE, !operator.isEmpty());
    addIf(services, ServiceCapability.LIFECYCLE_SERVICE, !lifecycle.isEmpty());
    addIf(services, ServiceCapability.RECONCILER_HOOKS, !reconciler.isEmpty());
    addIf(services, ServiceCapability.WAL_SERVICE, !wal.isEmpty());
    boolean enriches = !hooks.enrichment().isEmpty();
    boolean measures = hooks.metrics().isPresent();
    if (instanceSide) {
      addIf(services, ServiceCapability.BACKUP_SERVICE, hooks.backup().isPresent());
      addIf(services, ServiceCapability.RESTORE_JOB, hooks.restore().isPresent());
      addIf(services, ServiceCapability.POSTGRES, enriches);
      addIf(services, ServiceCapability.METRICS, measures);
    }
    addIf(services, ServiceCapability.INSTANCE_SIDECAR_INJECTION, enriches || measures);
    addIf(services, ServiceCapability.INSTANCE_JOB_SIDECAR_INJECTION, enriches);
    return new Capabilities(services, operator, lifecycle, wal, reconciler);
  }

  /** Whether a service is declared. */
  public boolean declares(ServiceCapability service) {
    return services.contains(service);
  }

  private static Set<OperatorRpc> operatorRpcs(RegisteredHooks hooks) {
    EnumSet<OperatorRpc> rpcs = EnumSet.noneOf(OperatorRpc.class);
    boolean always = hooks.parameters().isPresent() || hooks.policy().isPresent();
    addIf(rpcs, OperatorRpc.VALIDATE_CLUSTER_CREATE, always || hooks.validateCreate().isPresent());
    addIf(rpcs, OperatorRpc.VALIDATE_CLUSTER_CHANGE, always || hooks.validateChange().isPresent());
    addIf(rpcs, OperatorRpc.MUTATE_CLUSTER, hooks.defaults().isPresent());
    addIf(rpcs, OperatorRpc.SET_STATUS_IN_CLUSTER, hooks.status().isPresent());
    addIf(rpcs, OperatorRpc.DEREGISTER, hooks.deregister().isPresent());
    return rpcs;
  }

  private static List<LifecycleCapability> lifecycle(RegisteredHooks hooks) {
    SortedMap<String, LifecycleCapability> byKind = new TreeMap<>();
    hooks.lifecycle().forEach(hook -> merge(byKind, hook.type(), hook.operations()));
    hooks.observers().forEach(observer -> merge(byKind, observer.type(), observer.operations()));
    if (hooks.instanceSide()) {
      merge(
          byKind,
          ObjectType.of(Pod.class),
          EnumSet.of(LifecycleOperation.CREATE, LifecycleOperation.EVALUATE));
      merge(byKind, ObjectType.of(Job.class), EnumSet.of(LifecycleOperation.CREATE));
    }
    // Without EVALUATE the operator never notices that a Pod would look different today. A plugin
    // that
    // has nothing to say there changes nothing.
    if (hasOperation(byKind, ObjectType.of(Pod.class), LifecycleOperation.CREATE)) {
      merge(byKind, ObjectType.of(Pod.class), EnumSet.of(LifecycleOperation.EVALUATE));
    }
    return List.copyOf(byKind.values());
  }

  private static boolean hasOperation(
      SortedMap<String, LifecycleCapability> byKind,
      ObjectType<?> type,
      LifecycleOperation operation) {
    LifecycleCapability capability = byKind.get(type.group() + "/" + type.kind());
    return capability != null && capability.operations().contains(operation);
  }

  private static void merge(
      SortedMap<String, LifecycleCapability> byKind,
      ObjectType<?> type,
      Set<LifecycleOperation> operations) {
    byKind.merge(
        type.group() + "/" + type.kind(),
        new LifecycleCapability(type.group(), type.kind(), operations),
        LifecycleCapability::and);
  }

  private static Set<ReconcilerKind> reconcilerKinds(RegisteredHooks hooks) {
    EnumSet<ReconcilerKind> kinds = EnumSet.noneOf(ReconcilerKind.class);
    boolean observes = !hooks.reconcileObservers().isEmpty();
    addIf(
        kinds,
        ReconcilerKind.CLUSTER,
        observes
            || hooks.preReconcileCluster().isPresent()
            || hooks.postReconcileCluster().isPresent()
            || !hooks.desiredParameters().isEmpty());
    addIf(
        kinds,
        ReconcilerKind.BACKUP,
        observes
            || hooks.preReconcileBackup().isPresent()
            || hooks.postReconcileBackup().isPresent());
    return kinds;
  }

  private static Set<WalRpc> walRpcs(RegisteredHooks hooks) {
    EnumSet<WalRpc> rpcs = EnumSet.noneOf(WalRpc.class);
    addIf(rpcs, WalRpc.ARCHIVE_WAL, hooks.archiveWal().isPresent());
    addIf(rpcs, WalRpc.RESTORE_WAL, hooks.restoreWal().isPresent());
    addIf(rpcs, WalRpc.STATUS, hooks.walStatus().isPresent());
    addIf(rpcs, WalRpc.SET_FIRST_REQUIRED, hooks.firstRequiredWal().isPresent());
    return rpcs;
  }

  private static <E extends Enum<E>> void addIf(EnumSet<E> set, E value, boolean condition) {
    if (condition) {
      set.add(value);
    }
  }

  private static <E extends Enum<E>> Set<E> ordered(Set<E> values, Class<E> type) {
    EnumSet<E> copy = EnumSet.noneOf(type);
    copy.addAll(values);
    return Collections.unmodifiableSet(copy);
  }
}
