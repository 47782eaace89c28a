package dev.howdah.plugin.admission;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.cluster.Cluster;
import java.util.List;
import java.util.Optional;

/**
 * Holds every Cluster to the platform team's rules, <b>whether or not it names the plugin</b>:
 * whoever writes a Cluster can't escape a rule by leaving the plugin out of {@code spec.plugins}.
 *
 * <p>The host asks it in the admission webhook for each Cluster the webhook selects, and behind
 * {@code Operator.ValidateClusterCreate} and {@code ValidateClusterChange} for Clusters sent to
 * this plugin, next to {@link ValidateCreateHook} and {@link ValidateChangeHook}. It isn't asked
 * about Clusters that are being deleted.
 */
@FunctionalInterface
public interface PolicyHook {

  /**
   * Checks {@link HookContext#cluster()}, which may have no {@linkplain HookContext#uses() use} of
   * the plugin. Must be deterministic.
   *
   * @param before the Cluster as it is, empty if it shall be created. A rule that was broken before
   *     and is broken in the same way now should not be reported as an error: the Cluster couldn't
   *     be changed in any other way until somebody repairs it.
   * @return what is wrong; empty if nothing is
   */
  List<ValidationFinding> check(Optional<Cluster> before, HookContext context);
}
