package dev.howdah.plugin.reconcile;

import dev.howdah.plugin.HookContext;

/** Takes part in the loop of a Cluster, behind {@code ReconcilerHooks.Pre} and {@code Post}. */
@FunctionalInterface
public interface ClusterReconcileHook {

  /**
   * Runs for {@link HookContext#cluster()}; should be quick and idempotent, since it comes with
   * every loop.
   */
  Reconcile reconcile(HookContext context);
}
