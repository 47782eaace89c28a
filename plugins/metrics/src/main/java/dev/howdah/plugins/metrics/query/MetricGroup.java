package dev.howdah.plugins.metrics.query;

import dev.howdah.plugin.metrics.MetricDefinition;
import java.time.Duration;
import java.util.List;

/**
 * Statements that are asked together, at one interval.
 *
 * @param name what it is called in parameters and in the label {@code group}
 * @param interval how often it is collected
 * @param queries its statements
 */
public record MetricGroup(String name, Duration interval, List<MetricQuery> queries) {

  /** Copies the list. */
  public MetricGroup {
    queries = List.copyOf(queries);
  }

  /** The metrics of all statements, in their order. */
  public List<MetricDefinition> definitions() {
    return queries.stream().flatMap(query -> query.definitions().stream()).toList();
  }

  /** The same at another interval. */
  public MetricGroup every(Duration other) {
    return new MetricGroup(name, other, queries);
  }
}
