package dev.howdah.testkit;

import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.proto.metrics.CollectMetric;
import dev.howdah.proto.metrics.CollectMetricsResult;
import dev.howdah.proto.metrics.DefineMetricsResult;
import dev.howdah.proto.metrics.Metric;
import dev.howdah.proto.metrics.MetricType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.AbstractObjectAssert;
import org.assertj.core.api.Assertions;

/** What a scrape of the instance's exporter has of the plugin. */
public final class MetricsAnswer extends AbstractObjectAssert<MetricsAnswer, List<MetricSample>> {

  private MetricsAnswer(List<MetricSample> actual) {
    super(actual, MetricsAnswer.class);
  }

  static MetricsAnswer of(DefineMetricsResult defined, CollectMetricsResult collected) {
    Map<String, Metric> definitions = new HashMap<>();
    for (Metric metric : defined.getMetricsList()) {
      MetricType.Type type = metric.getValueType().getType();
      if (!metric.hasValueType() || type == MetricType.Type.TYPE_UNSPECIFIED) {
        throw new AssertionError(
            "The metric '%s' has no type, which crashes the instance manager and PostgreSQL with it."
                .formatted(metric.getFqName()));
      }
      definitions.put(metric.getFqName(), metric);
    }
    List<MetricSample> samples = new ArrayList<>();
    Set<String> series = new HashSet<>();
    for (CollectMetric sample : collected.getMetricsList()) {
      check(definitions, sample);
      if (!series.add(sample.getFqName() + sample.getVariableLabelsList())) {
        throw new AssertionError(
            "The series %s%s comes twice; the exporter answers the whole scrape with an error."
                .formatted(sample.getFqName(), sample.getVariableLabelsList()));
      }
      samples.add(
          new MetricSample(sample.getFqName(), sample.getValue(), sample.getVariableLabelsList()));
    }
    return new MetricsAnswer(samples);
  }

  private static void check(Map<String, Metric> definitions, CollectMetric sample) {
    Metric definition = definitions.get(sample.getFqName());
    if (definition == null) {
      throw new AssertionError(
          "The metric '%s' is collected and not defined; the scrape loses the metrics of every plugin."
              .formatted(sample.getFqName()));
    }
    if (definition.getVariableLabelsCount() != sample.getVariableLabelsCount()) {
      throw new AssertionError(
          "The metric '%s' has the labels %s and comes with the values %s; the scrape loses the metrics of every plugin."
              .formatted(
                  sample.getFqName(),
                  definition.getVariableLabelsList(),
                  sample.getVariableLabelsList()));
    }
  }

  /**
   * There is a sample.
   *
   * @param labelValues values of its labels, in their order
   */
  public MetricsAnswer hasSample(String name, double value, String... labelValues) {
    Assertions.assertThat(actual)
        .as("samples of the scrape")
        .contains(new MetricSample(name, value, List.of(labelValues)));
    return this;
  }
}
