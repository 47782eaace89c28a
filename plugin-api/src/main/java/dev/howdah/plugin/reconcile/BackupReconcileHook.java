package dev.howdah.plugin.reconcile;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.cluster.Backup;

/**
 * Takes part in the loop of a Backup that has not ended, behind {@code ReconcilerHooks.Pre} and
 * {@code Post}.
 */
@FunctionalInterface
public interface BackupReconcileHook {

  /**
   * Runs for a Backup of {@link HookContext#cluster()}.
   *
   * @param backup the Backup; without status in its first loop
   */
  Reconcile reconcile(Backup backup, HookContext context);
}
