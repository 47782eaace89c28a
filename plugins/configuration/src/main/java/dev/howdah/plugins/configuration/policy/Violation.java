package dev.howdah.plugins.configuration.policy;

import java.util.List;

/**
 * A rule that a Cluster breaks.
 *
 * @param policy the policy it belongs to
 * @param path where in the Cluster; never empty
 * @param value what stands there; may be empty
 * @param problem what is wrong, as a clause
 */
public record Violation(Policy policy, List<String> path, String value, String problem) {

  /** Copies the list. */
  public Violation {
    path = List.copyOf(path);
  }

  /** What to tell the user: what is wrong, by which policy, and the platform team's own words. */
  public String message() {
    String words = policy.message().isBlank() ? "" : " " + policy.message();
    return "%s (policy '%s').%s".formatted(problem, policy.name(), words);
  }

  /** Whether it is broken in the same way in another version of the Cluster. */
  boolean sameAs(Violation other) {
    return policy.name().equals(other.policy.name())
        && value.equals(other.value)
        && problem.equals(other.problem)
        && path.equals(other.path);
  }
}
