package dev.howdah.plugin.metrics;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A metric that the plugin may report.
 *
 * @param name complete name; begin it with the plugin's domain, use base units, end counters in
 *     {@code _total}
 * @param help what it means, in a sentence
 * @param type its kind
 * @param labels names of the labels whose values come with each sample, in this order
 * @param constantLabels labels that are the same for every sample
 */
public record MetricDefinition(
    String name,
    String help,
    MetricType type,
    List<String> labels,
    Map<String, String> constantLabels) {

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");

  /**
   * Checks names.
   *
   * @throws IllegalArgumentException if a name is malformed or a label is named twice
   */
  public MetricDefinition {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("'%s' is not a metric name.".formatted(name));
    }
    labels = List.copyOf(labels);
    constantLabels = Map.copyOf(constantLabels);
    Set<String> seen = new HashSet<>(constantLabels.keySet());
    for (String label : labels) {
      if (!seen.add(label)) {
        throw new IllegalArgumentException(
            "The metric '%s' has the label '%s' twice.".formatted(name, label));
      }
    }
    for (String label : seen) {
      if (!LABEL.matcher(label).matches() || label.startsWith("__")) {
        throw new IllegalArgumentException(
            "'%s' is not a label name (metric '%s').".formatted(label, name));
      }
    }
  }

  /** A gauge. */
  public static MetricDefinition gauge(String name, String help, String... labels) {
    return new MetricDefinition(name, help, MetricType.GAUGE, List.of(labels), Map.of());
  }

  /** A counter. */
  public static MetricDefinition counter(String name, String help, String... labels) {
    return new MetricDefinition(name, help, MetricType.COUNTER, List.of(labels), Map.of());
  }

  /** A sample of this metric, with values for its labels, in their order. */
  public MetricSample sample(double value, String... labelValues) {
    return new MetricSample(name, value, List.of(labelValues));
  }
}
