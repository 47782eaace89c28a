package dev.howdah.host.guard;

import dev.howdah.plugin.cluster.Cluster;
import org.jspecify.annotations.Nullable;

/**
 * Turns a plugin's status into JSON and lets it through if the Cluster can keep it. Thread-safe.
 *
 * <p>Every change of a Cluster's status starts the operator's next loop. So for one definition of a
 * Cluster there is one status: the first one. A different one is refused until the definition
 * changes, or the Cluster has been forgotten in favour of others.
 */
public final class StatusGuard {

  /** Makes a guard that remembers ten thousand pairs of plugin and Cluster. */
  public StatusGuard() {
    this(10_000);
  }

  /**
   * Makes a guard.
   *
   * @param remembered how many pairs of plugin and Cluster to remember; the least recently asked
   *     ones are forgotten
   */
  public StatusGuard(int remembered) {}

  /**
   * Checks a status.
   *
   * @param plugin name of the plugin
   * @param cluster the Cluster that the status is about
   * @param status what the plugin's hook returned: a record, map or JSON object
   * @return the status as compact JSON in UTF-8, with sorted keys
   * @throws GuardViolation if it isn't a JSON object, too large, or not the one given before for
   *     the same definition
   */
  public byte[] check(String plugin, Cluster cluster, @Nullable Object status) {
    throw new UnsupportedOperationException();
  }
}
