package dev.howdah.plugin.admission;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.cluster.Cluster;

/**
 * Fills in what a Cluster leaves out, behind {@code Operator.MutateCluster} and the admission
 * webhook.
 */
@FunctionalInterface
public interface DefaultsHook {

  /**
   * Completes {@link HookContext#cluster()}. Must be idempotent: applied to its own answer it
   * changes nothing.
   *
   * @return the Cluster as it should be; the same one if nothing is missing
   */
  Cluster complete(HookContext context);
}
