package dev.howdah.plugin.metrics;

import java.util.List;

/**
 * One value of a metric.
 *
 * @param name name of a defined metric
 * @param value the value
 * @param labelValues values of the metric's labels, as many and in the same order
 */
public record MetricSample(String name, double value, List<String> labelValues) {

  /** Copies the list. */
  public MetricSample {
    labelValues = List.copyOf(labelValues);
  }
}
