package dev.howdah.plugins.configuration.policy;

import dev.howdah.plugin.Parameter;
import dev.howdah.plugin.cluster.Cluster;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rules of the platform team for the Clusters that a selector chooses.
 *
 * @param name by which messages and {@code explain} refer to it
 * @param message what to tell users who break it: why, and whom to ask
 * @param action what happens to Clusters that break it
 * @param selector which Clusters it is for; all if absent
 * @param parameters rules for PostgreSQL parameters
 * @param cluster rules for the Cluster itself
 */
public record Policy(
    String name,
    @Parameter(defaultValue = "") String message,
    @Parameter(defaultValue = "deny") Action action,
    Selector selector,
    List<ParameterRule> parameters,
    ClusterRules cluster) {

  /** What happens to Clusters that break a policy. */
  public enum Action {
    /** They are refused. */
    DENY,
    /** They pass, with a warning. */
    WARN,
    /** They pass silently; {@code explain} and the log tell. */
    REPORT
  }

  /**
   * Fills in what wasn't given.
   *
   * @throws IllegalArgumentException if the name is missing
   */
  @SuppressWarnings("ConstantValue") // A binder gives null for what is absent.
  public Policy {
    if (name == null || name.isBlank()) {
      throw new IllegalArgumentException("Each policy needs a name.");
    }
    message = message == null ? "" : message;
    action = action == null ? Action.DENY : action;
    selector = selector == null ? Selector.EVERYTHING : selector;
    parameters = parameters == null ? List.of() : List.copyOf(parameters);
    cluster = cluster == null ? ClusterRules.NONE : cluster;
  }

  /** Whether it is for a Cluster. */
  public boolean appliesTo(Cluster target) {
    return selector.selects(target);
  }

  static <T> List<T> orEmpty(@Nullable List<T> list) {
    return list == null ? List.of() : List.copyOf(list);
  }
}
