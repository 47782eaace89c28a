package dev.howdah.plugins.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/** What the exporter makes of definitions and samples: it gives up at what is asserted here. */
record Scrape(List<MetricDefinition> definitions, List<MetricSample> samples) {

  Scrape {
    Map<String, MetricDefinition> byName = new HashMap<>();
    for (MetricDefinition definition : definitions) {
      assertThat(byName.put(definition.name(), definition)).as(definition.name()).isNull();
    }
    Set<List<Object>> series = new HashSet<>();
    for (MetricSample sample : samples) {
      assertThat(byName).containsKey(sample.name());
      assertThat(sample.labelValues()).hasSameSizeAs(byName.get(sample.name()).labels());
      assertThat(series.add(List.of(sample.name(), sample.labelValues()))).isTrue();
    }
  }

  static Scrape of(Collector collector) {
    return new Scrape(collector.plan().definitions(), collector.samples());
  }

  /** The value of a series; names without the plugin's prefix. */
  OptionalDouble value(String name, String... labels) {
    return samples.stream()
        .filter(sample -> sample.name().equals(whole(name)))
        .filter(sample -> sample.labelValues().equals(List.of(labels)))
        .mapToDouble(MetricSample::value)
        .findFirst();
  }

  /** The series of a metric. */
  List<MetricSample> of(String name) {
    return samples.stream().filter(sample -> sample.name().equals(whole(name))).toList();
  }

  private static String whole(String name) {
    return name.startsWith("shop_") ? name : "metrics_howdah_dev_" + name;
  }
}
