package dev.howdah.host.compose;

import dev.howdah.host.guard.ConfigurationGuard;
import dev.howdah.host.guard.GuardViolation;
import dev.howdah.plugin.PluginException;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Chains the enrichment of the hosted plugins that a Cluster enables.
 *
 * <p>The operator gives every plugin its own original configuration, and the last answer that isn't
 * empty replaces those before it. So each answer holds what all hosted plugins up to the one asked
 * add, in the operator's order (by name), and the last one asked holds everything. Thread-safe.
 */
public final class EnrichmentFold {

  private final ConfigurationGuard guard;

  /**
   * Makes a fold.
   *
   * @param guard checks and merges what each plugin adds
   */
  public EnrichmentFold(ConfigurationGuard guard) {
    this.guard = guard;
  }

  /**
   * Asks the plugins one after the other, each with the outcome of those before it.
   *
   * @param asked name of the plugin that the operator asked; must be among the steps
   * @param steps the hosted plugins that the Cluster enables, by name
   * @param configuration the configuration as the operator sent it
   * @return the complete configuration, sorted; empty if nobody changed anything
   * @throws PluginException if a plugin before the asked one failed; names it. What the asked
   *     plugin throws comes through as it is.
   * @throws GuardViolation if an addition was refused; names its plugin
   * @throws IllegalArgumentException if the asked plugin is not among the steps
   */
  public SortedMap<String, String> fold(
      String asked, Map<String, EnrichmentStep> steps, Map<String, String> configuration) {
    SortedMap<String, EnrichmentStep> inOrder = new TreeMap<>(steps);
    if (!inOrder.containsKey(asked)) {
      throw new IllegalArgumentException("'%s' is not among the steps.".formatted(asked));
    }
    SortedMap<String, String> soFar = new TreeMap<>(configuration);
    for (Map.Entry<String, EnrichmentStep> step : inOrder.entrySet()) {
      soFar = enrich(step.getKey(), step.getValue(), asked, soFar);
      if (step.getKey().equals(asked)) {
        break;
      }
    }
    return soFar.equals(configuration) ? new TreeMap<>() : soFar;
  }

  private SortedMap<String, String> enrich(
      String plugin, EnrichmentStep step, String asked, SortedMap<String, String> soFar) {
    Map<String, String> input = Collections.unmodifiableMap(soFar);
    if (plugin.equals(asked)) {
      return guard.merge(plugin, soFar, step.enrich(input));
    }
    Map<String, String> additions;
    try {
      additions = step.enrich(input);
    } catch (GuardViolation e) {
      throw e;
    } catch (PluginException e) {
      throw failed(plugin, asked, e.kind(), e);
    } catch (RuntimeException e) {
      throw failed(plugin, asked, PluginException.Kind.INTERNAL, e);
    }
    return guard.merge(plugin, soFar, additions);
  }

  private static PluginException failed(
      String plugin, String asked, PluginException.Kind kind, RuntimeException cause) {
    // Only what a plugin meant for the operator to read goes further; the rest is in the cause.
    String reason = cause instanceof PluginException ? ": " + cause.getMessage() : ".";
    return new PluginException(
        kind,
        "Plugin '%s', whose enrichment comes before that of '%s', failed%s"
            .formatted(plugin, asked, reason),
        cause);
  }
}
