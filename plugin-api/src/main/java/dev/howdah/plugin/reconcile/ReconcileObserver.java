package dev.howdah.plugin.reconcile;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.cluster.Backup;
import java.util.Optional;

/**
 * Watches the loops of Clusters and Backups. The answer waits for nothing it does; its failure is
 * counted, no more.
 */
@FunctionalInterface
public interface ReconcileObserver {

  /**
   * Takes note of a loop.
   *
   * @param stage where in the loop
   * @param backup the Backup whose loop it is; empty in the loop of the Cluster itself
   */
  void observed(ReconcileStage stage, Optional<Backup> backup, HookContext context);
}
