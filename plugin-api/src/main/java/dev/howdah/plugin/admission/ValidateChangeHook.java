package dev.howdah.plugin.admission;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.cluster.Cluster;
import java.util.List;

/**
 * Looks at a change of a Cluster, behind {@code Operator.ValidateClusterChange} and the admission
 * webhook.
 */
@FunctionalInterface
public interface ValidateChangeHook {

  /**
   * Validates the change from {@code before} to {@link HookContext#cluster()}.
   *
   * @param before the Cluster as it is
   * @return what is wrong; empty if nothing is
   */
  List<ValidationFinding> validate(Cluster before, HookContext context);
}
