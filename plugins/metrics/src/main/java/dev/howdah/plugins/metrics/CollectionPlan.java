package dev.howdah.plugins.metrics;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugins.metrics.catalogue.BuiltIn;
import dev.howdah.plugins.metrics.query.DeclaredQueries;
import dev.howdah.plugins.metrics.query.MetricGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What is collected for a Cluster: a function of its parameters alone, so that Define and Collect
 * agree whatever PostgreSQL does in between.
 *
 * @param parameters the parameters
 * @param groups the groups, in the order in which they are reported
 * @param variables what stands for variables in statements, as far as parameters say it
 * @param definitions all metrics, in the order in which they are reported
 * @param problems what is wrong with the declared queries
 */
record CollectionPlan(
    MetricsParameters parameters,
    List<MetricGroup> groups,
    Map<String, String> variables,
    List<MetricDefinition> definitions,
    List<String> problems) {

  private static final Duration SHORTEST = Duration.ofSeconds(5);

  static CollectionPlan of(MetricsParameters parameters) {
    Map<String, Duration> intervals = intervals(parameters.intervals());
    DeclaredQueries declared =
        parameters
            .queries()
            .map(text -> DeclaredQueries.parse(text, parameters.database()))
            .orElseGet(() -> new DeclaredQueries(List.of(), List.of()));
    List<MetricGroup> groups = new ArrayList<>();
    for (BuiltIn builtIn : BuiltIn.values()) {
      if (!parameters.without().contains(builtIn)) {
        MetricGroup group = builtIn.group(parameters.queryTextLength() > 0);
        groups.add(group.every(intervals.getOrDefault(group.name(), group.interval())));
      }
    }
    groups.addAll(declared.groups());
    List<MetricDefinition> definitions =
        Stream.concat(
                SelfMetrics.DEFINITIONS.stream(),
                groups.stream().flatMap(group -> group.definitions().stream()))
            .toList();
    return new CollectionPlan(
        parameters, List.copyOf(groups), variables(parameters), definitions, declared.problems());
  }

  private static Map<String, Duration> intervals(List<String> texts) {
    Map<String, Duration> intervals = new HashMap<>();
    for (String text : texts) {
      String[] parts = text.split("=", 2);
      Optional<Duration> interval =
          parts.length < 2 ? Optional.empty() : DeclaredQueries.duration(parts[1]);
      interval.ifPresent(
          time -> intervals.put(parts[0].strip(), time.compareTo(SHORTEST) < 0 ? SHORTEST : time));
    }
    return intervals;
  }

  private static Map<String, String> variables(MetricsParameters parameters) {
    return Map.of(
        "top", Integer.toString(parameters.top()),
        "longTransaction", Long.toString(parameters.longTransaction().toSeconds()),
        "longIdle", Long.toString(parameters.longIdle().toSeconds()),
        "bloatFrom", Long.toString(parameters.bloatFrom() * 1024L * 1024L),
        "queryTextLength", Integer.toString(parameters.queryTextLength()));
  }
}
