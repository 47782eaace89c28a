package dev.howdah.plugin.admission;

import dev.howdah.plugin.HookContext;
import java.util.Optional;

/**
 * Says what the Cluster's status shall hold about the plugin, behind {@code
 * Operator.SetStatusInCluster}.
 *
 * <p>Every change of a Cluster's status starts the operator's next loop, so a status is a function
 * of the Cluster's definition: no times, no counters, nothing that grows. The host refuses one that
 * isn't the same when asked again.
 */
@FunctionalInterface
public interface StatusHook {

  /**
   * Computes the status.
   *
   * @return a record or map that serialises to a JSON object, or empty to say nothing
   */
  Optional<?> status(HookContext context);
}
