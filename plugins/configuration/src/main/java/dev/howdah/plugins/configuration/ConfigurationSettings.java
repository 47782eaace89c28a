package dev.howdah.plugins.configuration;

import dev.howdah.plugins.configuration.policy.Policies;
import dev.howdah.plugins.configuration.policy.Policy;
import java.util.List;

/**
 * The plugin's part of the host's configuration, {@code howdah.plugins.configuration.*}.
 *
 * @param policies the platform team's rules
 */
public record ConfigurationSettings(List<Policy> policies) {

  /** Fills in what wasn't given. */
  @SuppressWarnings("ConstantValue")
  public ConfigurationSettings {
    policies = policies == null ? List.of() : List.copyOf(policies);
  }

  /**
   * The policies, checked.
   *
   * @throws IllegalArgumentException if one can't hold
   */
  public Policies checked() {
    return new Policies(policies);
  }
}
