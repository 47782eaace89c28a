package dev.howdah.plugin;

import dev.howdah.plugin.admission.DefaultsHook;
import dev.howdah.plugin.admission.DeregisterHook;
import dev.howdah.plugin.admission.PolicyHook;
import dev.howdah.plugin.admission.StatusHook;
import dev.howdah.plugin.admission.ValidateChangeHook;
import dev.howdah.plugin.admission.ValidateCreateHook;
import dev.howdah.plugin.backup.BackupHook;
import dev.howdah.plugin.backup.RestoreHook;
import dev.howdah.plugin.lifecycle.LifecycleHook;
import dev.howdah.plugin.lifecycle.LifecycleObserver;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.lifecycle.ObjectType;
import dev.howdah.plugin.metrics.MetricsCollectionHook;
import dev.howdah.plugin.metrics.MetricsDefinitionHook;
import dev.howdah.plugin.postgres.DesiredParametersHook;
import dev.howdah.plugin.postgres.EnrichConfigurationHook;
import dev.howdah.plugin.postgres.ParameterLayer;
import dev.howdah.plugin.reconcile.BackupReconcileHook;
import dev.howdah.plugin.reconcile.ClusterReconcileHook;
import dev.howdah.plugin.reconcile.ReconcileObserver;
import dev.howdah.plugin.wal.FirstRequiredWalHook;
import dev.howdah.plugin.wal.WalArchiveHook;
import dev.howdah.plugin.wal.WalRestoreHook;
import dev.howdah.plugin.wal.WalStatusHook;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.EnumSet;
import java.util.Set;

/**
 * Where a plugin registers what it does. What is not registered is not declared to the operator,
 * and so never called.
 *
 * <p>Each hook can be registered once, except lifecycle hooks and observers (run in the order of
 * registration), enrichment (once for each revision) and desired parameters (once for each layer).
 * A second registration is an {@link IllegalStateException}.
 */
public interface Hooks {

  /**
   * Declares the record that {@code spec.plugins[].parameters} binds to. Clusters with wrong
   * parameters are then refused at validation, with the parameter's path, and parameters marked
   * {@link Parameter#immutable()} can't be changed.
   *
   * @param type the record; its constraints are those of Jakarta Validation
   */
  void parameters(Class<? extends Record> type);

  /** Validates new Clusters, beyond their parameters. */
  void validateCreate(ValidateCreateHook hook);

  /** Validates changes of Clusters, beyond their parameters. */
  void validateChange(ValidateChangeHook hook);

  /**
   * Holds every Cluster to rules of the platform team, also those that don't name this plugin. The
   * other hooks only ever see Clusters that do.
   */
  void policy(PolicyHook hook);

  /** Completes Clusters. */
  void defaults(DefaultsHook hook);

  /** Reports a status into the Cluster. */
  void status(StatusHook hook);

  /** Lets go of Clusters. */
  void deregister(DeregisterHook hook);

  /**
   * Changes objects that the operator is about to write.
   *
   * @param type which objects
   * @param operations on which occasions; {@code EVALUATE} exists for Pods only
   * @throws IllegalArgumentException if the operator can't take back changed objects of this type,
   *     or never asks
   */
  <T extends HasMetadata> void on(
      ObjectType<T> type, Set<LifecycleOperation> operations, LifecycleHook<T> hook);

  /**
   * Changes objects when they are created. For Pods that is CREATE <em>and</em> EVALUATE, so that
   * the operator sees what a new Pod would look like and rolls out the change.
   */
  default <T extends HasMetadata> void onCreate(Class<T> type, LifecycleHook<T> hook) {
    on(
        ObjectType.of(type),
        type == Pod.class
            ? EnumSet.of(LifecycleOperation.CREATE, LifecycleOperation.EVALUATE)
            : EnumSet.of(LifecycleOperation.CREATE),
        hook);
  }

  /** Changes objects when they are replaced. */
  default <T extends HasMetadata> void onUpdate(Class<T> type, LifecycleHook<T> hook) {
    on(ObjectType.of(type), EnumSet.of(LifecycleOperation.UPDATE), hook);
  }

  /**
   * Changes objects when they are patched. Not a way to change running Pods: most of a Pod can't be
   * changed.
   */
  default <T extends HasMetadata> void onPatch(Class<T> type, LifecycleHook<T> hook) {
    on(ObjectType.of(type), EnumSet.of(LifecycleOperation.PATCH), hook);
  }

  /**
   * Changes objects before they are deleted, which makes the operator patch them first. To know of
   * it, observe.
   */
  default <T extends HasMetadata> void onDelete(Class<T> type, LifecycleHook<T> hook) {
    on(ObjectType.of(type), EnumSet.of(LifecycleOperation.DELETE), hook);
  }

  /** Runs before the loop of a Cluster. */
  void preReconcileCluster(ClusterReconcileHook hook);

  /** Runs after a fully successful loop of a Cluster. */
  void postReconcileCluster(ClusterReconcileHook hook);

  /** Runs before the loop of a Backup. */
  void preReconcileBackup(BackupReconcileHook hook);

  /** Runs after the loop of a Backup. */
  void postReconcileBackup(BackupReconcileHook hook);

  /** Archives WAL. */
  void archiveWal(WalArchiveHook hook);

  /** Brings WAL back. */
  void restoreWal(WalRestoreHook hook);

  /** Says which WAL the archive holds. */
  void walStatus(WalStatusHook hook);

  /** Learns which WAL is still needed. */
  void firstRequiredWal(FirstRequiredWalHook hook);

  /** Makes base backups. */
  void backup(BackupHook hook);

  /** Restores data directories. */
  void restore(RestoreHook hook);

  /**
   * Adds to PostgreSQL's configuration inside the instance. Any change of what the hook answers for
   * the same Cluster is a new revision. Register the current and the previous one: instances are
   * rolled one after the other, and all must have the same configuration meanwhile.
   *
   * @param revision 1 or more
   */
  void enrichConfiguration(int revision, EnrichConfigurationHook hook);

  /**
   * Wants PostgreSQL parameters in the Cluster's spec. A plugin can speak for several layers, each
   * with a hook of its own.
   *
   * @param layer whose word it is when others want the same parameter
   */
  void desiredParameters(ParameterLayer layer, DesiredParametersHook hook);

  /** Adds metrics to the instance's exporter. */
  void metrics(MetricsDefinitionHook define, MetricsCollectionHook collect);

  /** Tells whether the plugin can do its work; without it, a started plugin is ready. */
  void readiness(ReadinessHook hook);

  /** Watches objects that the operator is about to write. */
  <T extends HasMetadata> void observe(
      ObjectType<T> type, Set<LifecycleOperation> operations, LifecycleObserver<T> observer);

  /** Watches the loops of Clusters and Backups. */
  void observeReconcile(ReconcileObserver observer);
}
