package dev.howdah.plugin.registry;

import dev.howdah.plugin.ReadinessHook;
import dev.howdah.plugin.admission.DefaultsHook;
import dev.howdah.plugin.admission.DeregisterHook;
import dev.howdah.plugin.admission.PolicyHook;
import dev.howdah.plugin.admission.StatusHook;
import dev.howdah.plugin.admission.ValidateChangeHook;
import dev.howdah.plugin.admission.ValidateCreateHook;
import dev.howdah.plugin.backup.BackupHook;
import dev.howdah.plugin.backup.RestoreHook;
import dev.howdah.plugin.postgres.EnrichConfigurationHook;
import dev.howdah.plugin.reconcile.BackupReconcileHook;
import dev.howdah.plugin.reconcile.ClusterReconcileHook;
import dev.howdah.plugin.reconcile.ReconcileObserver;
import dev.howdah.plugin.wal.FirstRequiredWalHook;
import dev.howdah.plugin.wal.WalArchiveHook;
import dev.howdah.plugin.wal.WalRestoreHook;
import dev.howdah.plugin.wal.WalStatusHook;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Every hook that a plugin registered; immutable.
 *
 * @param parameters the record of the plugin's parameters
 * @param lifecycle lifecycle hooks, in the order of registration
 * @param observers lifecycle observers, in the order of registration
 * @param enrichment enrichment hooks by revision
 * @param desiredParameters hooks for desired parameters, one for each layer, in the order of rank
 * @param metrics the hooks for metrics
 * @param reconcileObservers observers of the loop, in the order of registration
 * @param validateCreate see {@link dev.howdah.plugin.Hooks#validateCreate}
 * @param validateChange see {@link dev.howdah.plugin.Hooks#validateChange}
 * @param policy see {@link dev.howdah.plugin.Hooks#policy}
 * @param defaults see {@link dev.howdah.plugin.Hooks#defaults}
 * @param status see {@link dev.howdah.plugin.Hooks#status}
 * @param deregister see {@link dev.howdah.plugin.Hooks#deregister}
 * @param preReconcileCluster see {@link dev.howdah.plugin.Hooks#preReconcileCluster}
 * @param postReconcileCluster see {@link dev.howdah.plugin.Hooks#postReconcileCluster}
 * @param preReconcileBackup see {@link dev.howdah.plugin.Hooks#preReconcileBackup}
 * @param postReconcileBackup see {@link dev.howdah.plugin.Hooks#postReconcileBackup}
 * @param archiveWal see {@link dev.howdah.plugin.Hooks#archiveWal}
 * @param restoreWal see {@link dev.howdah.plugin.Hooks#restoreWal}
 * @param walStatus see {@link dev.howdah.plugin.Hooks#walStatus}
 * @param firstRequiredWal see {@link dev.howdah.plugin.Hooks#firstRequiredWal}
 * @param backup see {@link dev.howdah.plugin.Hooks#backup}
 * @param restore see {@link dev.howdah.plugin.Hooks#restore}
 * @param readiness see {@link dev.howdah.plugin.Hooks#readiness}
 */
public record RegisteredHooks(
    Optional<Class<? extends Record>> parameters,
    Optional<ValidateCreateHook> validateCreate,
    Optional<ValidateChangeHook> validateChange,
    Optional<PolicyHook> policy,
    Optional<DefaultsHook> defaults,
    Optional<StatusHook> status,
    Optional<DeregisterHook> deregister,
    Optional<ClusterReconcileHook> preReconcileCluster,
    Optional<ClusterReconcileHook> postReconcileCluster,
    Optional<BackupReconcileHook> preReconcileBackup,
    Optional<BackupReconcileHook> postReconcileBackup,
    Optional<WalArchiveHook> archiveWal,
    Optional<WalRestoreHook> restoreWal,
    Optional<WalStatusHook> walStatus,
    Optional<FirstRequiredWalHook> firstRequiredWal,
    Optional<BackupHook> backup,
    Optional<RestoreHook> restore,
    Optional<ReadinessHook> readiness,
    List<LifecycleRegistration<?>> lifecycle,
    List<ObserverRegistration<?>> observers,
    SortedMap<Integer, EnrichConfigurationHook> enrichment,
    List<DesiredParametersRegistration> desiredParameters,
    Optional<MetricsRegistration> metrics,
    List<ReconcileObserver> reconcileObservers) {

  /** Whether the plugin does something inside the instance, and so needs the sidecar. */
  public boolean instanceSide() {
    return archiveWal.isPresent()
        || restoreWal.isPresent()
        || walStatus.isPresent()
        || firstRequiredWal.isPresent()
        || backup.isPresent()
        || restore.isPresent()
        || !enrichment.isEmpty()
        || metrics.isPresent();
  }
}
