package dev.howdah.host.guard;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Lets metrics through that the instance's exporter can serve. A metric without a type ends the
 * instance manager, which is PostgreSQL's parent process; a series that comes twice fails the whole
 * scrape; any other mistake loses the metrics of all plugins. Thread-safe.
 */
public final class MetricsGuard {

  /**
   * Checks definitions.
   *
   * @param plugin name of the plugin
   * @param definitions what its hook returned
   * @return the definitions, in the hook's order
   * @throws GuardViolation if one is missing, has no type, is there twice, bears a name that is the
   *     exporter's own or another plugin's
   */
  public List<MetricDefinition> define(
      String plugin, @Nullable List<? extends @Nullable MetricDefinition> definitions) {
    throw new UnsupportedOperationException();
  }

  /**
   * Checks samples.
   *
   * @param plugin name of the plugin
   * @param definitions what {@link #define} let through for the same Cluster
   * @param samples what the plugin's hook returned
   * @return the samples, in the hook's order
   * @throws GuardViolation if one is missing, undefined, has the wrong number of label values, is
   *     there twice, or is a counter below zero or without a finite value
   */
  public List<MetricSample> collect(
      String plugin,
      List<MetricDefinition> definitions,
      @Nullable List<? extends @Nullable MetricSample> samples) {
    throw new UnsupportedOperationException();
  }
}
