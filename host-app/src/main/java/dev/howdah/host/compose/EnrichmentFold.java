package dev.howdah.host.compose;

import dev.howdah.host.guard.ConfigurationGuard;
import java.util.Map;
import java.util.SortedMap;

/**
 * Chains the enrichment of the hosted plugins that a Cluster enables.
 *
 * <p>The operator gives every plugin its own original configuration, and the last answer that isn't
 * empty replaces those before it. So each answer holds what all hosted plugins up to the one asked
 * add, in the operator's order (by name), and the last one asked holds everything. Thread-safe.
 */
public final class EnrichmentFold {

  /**
   * Makes a fold.
   *
   * @param guard checks and merges what each plugin adds
   */
  public EnrichmentFold(ConfigurationGuard guard) {}

  /**
   * Asks the plugins one after the other, each with the outcome of those before it.
   *
   * @param asked name of the plugin that the operator asked; must be among the steps
   * @param steps the hosted plugins that the Cluster enables, by name
   * @param configuration the configuration as the operator sent it
   * @return the complete configuration, sorted; empty if nobody changed anything
   * @throws dev.howdah.plugin.PluginException if a plugin before the asked one failed; names it.
   *     What the asked plugin throws comes through as it is.
   * @throws dev.howdah.host.guard.GuardViolation if an addition was refused; names its plugin
   */
  public SortedMap<String, String> fold(
      String asked, Map<String, EnrichmentStep> steps, Map<String, String> configuration) {
    throw new UnsupportedOperationException();
  }
}
