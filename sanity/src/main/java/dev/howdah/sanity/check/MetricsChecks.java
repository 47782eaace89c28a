package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.advice;
import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.operator;
import static dev.howdah.sanity.check.Rule.should;

import dev.howdah.proto.metrics.CollectMetric;
import dev.howdah.proto.metrics.CollectMetricsRequest;
import dev.howdah.proto.metrics.CollectMetricsResult;
import dev.howdah.proto.metrics.DefineMetricsRequest;
import dev.howdah.proto.metrics.Metric;
import dev.howdah.proto.metrics.MetricType;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.driver.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Metrics added to the instance's exporter. */
final class MetricsChecks {
  private static final String CLIENT = "operator: internal/cnpi/plugin/client/metrics.go, ";
  private static final String SCRAPE =
      "client_golang: the whole page of the exporter answers 500, core metrics included";
  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern LABEL = Pattern.compile("[a-zA-Z_][a-zA-Z0-9_]*");
  private static final Duration LIMIT = Duration.ofSeconds(3);
  private static final int SERIES_LIMIT = 1000;
  private static final int SCRAPES = 5;

  private MetricsChecks() {}

  static List<Check> all() {
    return List.of(
        must("MET-01", "Define names at least one metric.")
            .cites("metrics.proto; a plugin without metrics need not offer them")
            .remedy("Define what Collect may answer.")
            .when(Need.METRICS)
            .tested((s, f) -> f.unless(!define(s).isEmpty(), "it names none")),
        must("MET-02", "Metric names are well-formed and unique.")
            .cites("Prometheus data model; " + CLIENT + "looks definitions up by name")
            .remedy("Use letters, digits and underscores, one definition for each name.")
            .when(Need.METRICS)
            .tested(
                (s, f) -> {
                  Set<String> seen = new HashSet<>();
                  for (Metric metric : defined(s)) {
                    String name = metric.getFqName();
                    f.unless(NAME.matcher(name).matches(), "'%s' is no metric name", name);
                    f.unless(seen.add(name), "%s is defined twice", name);
                  }
                }),
        operator("MET-03", "Every metric has a type: counter, gauge or untyped.")
            .cites(
                CLIENT
                    + "reads through an unset value_type: the instance manager, process 1 of the"
                    + " database's container, panics")
            .remedy("Set value_type.")
            .when(Need.METRICS)
            .tested(
                (s, f) -> {
                  for (Metric metric : defined(s)) {
                    String name = metric.getFqName();
                    f.unless(metric.hasValueType(), "%s: value_type is unset", name);
                    f.unless(
                        !metric.hasValueType() || (type(metric) >= 1 && type(metric) <= 3),
                        "%s: type %d",
                        name,
                        type(metric));
                  }
                }),
        operator("MET-04", "Collect answers only metrics that Define names.")
            .cites(CLIENT + "an unknown name aborts all plugins' metrics of that scrape")
            .remedy("Define it.")
            .when(Need.METRICS)
            .tested(
                (s, f) -> {
                  Map<String, Metric> definitions = byName(s);
                  collected(s).stream()
                      .map(CollectMetric::getFqName)
                      .distinct()
                      .filter(name -> !definitions.containsKey(name))
                      .forEach(name -> f.add("%s is not defined", name));
                }),
        operator("MET-05", "Every sample has as many label values as its definition has labels.")
            .cites("client_golang: NewConstMetric refuses it and the scrape's plugin metrics end")
            .remedy("Give the values in the order of variable_labels.")
            .when(Need.METRICS)
            .tested(
                (s, f) -> {
                  Map<String, Metric> definitions = byName(s);
                  for (CollectMetric sample : collected(s)) {
                    Metric metric = definitions.get(sample.getFqName());
                    f.unless(
                        metric == null
                            || metric.getVariableLabelsCount() == sample.getVariableLabelsCount(),
                        "%s has %d values for %d labels",
                        sample.getFqName(),
                        sample.getVariableLabelsCount(),
                        metric == null ? 0 : metric.getVariableLabelsCount());
                  }
                }),
        operator(
                "MET-06",
                "Label names are well-formed, none twice, none starts with two underscores.")
            .cites("client_golang: NewDesc; Prometheus data model")
            .remedy("Rename the label.")
            .when(Need.METRICS)
            .tested(
                (s, f) -> {
                  for (Metric metric : defined(s)) {
                    Set<String> seen = new HashSet<>(metric.getConstLabelsMap().keySet());
                    List<String> names = new ArrayList<>(seen);
                    names.addAll(metric.getVariableLabelsList());
                    for (String name : names) {
                      f.unless(
                          LABEL.matcher(name).matches() && !name.startsWith("__"),
                          "%s: '%s' is no label name",
                          metric.getFqName(),
                          name);
                    }
                    for (String name : metric.getVariableLabelsList()) {
                      f.unless(seen.add(name), "%s: %s twice", metric.getFqName(), name);
                    }
                  }
                }),
        should("MET-07", "Counters never decrease.")
            .cites("Prometheus: a decrease is taken as a restart")
            .remedy("Make it a gauge, or keep the count.")
            .when(Need.METRICS)
            .tested(MetricsChecks::growing),
        operator("MET-08", "No series is answered twice.")
            .cites(SCRAPE)
            .remedy("Aggregate before answering.")
            .when(Need.METRICS)
            .tested(
                (s, f) -> {
                  Set<String> seen = new HashSet<>();
                  collected(s).stream()
                      .map(MetricsChecks::series)
                      .filter(series -> !seen.add(series))
                      .distinct()
                      .forEach(series -> f.add("%s", series));
                }),
        should("MET-09", "Collect takes less than 3 s.")
            .cites("operator: nothing limits it after loading; a scrape usually ends after 10 s")
            .remedy("Collect in the background and answer what is known.")
            .when(Need.METRICS)
            .tested(
                (s, f) -> {
                  long start = System.nanoTime();
                  s.fresh("Collect", () -> collect(s));
                  Duration took = Duration.ofNanos(System.nanoTime() - start);
                  f.unless(took.compareTo(LIMIT) < 0, "it took %d ms", took.toMillis());
                }),
        advice("MET-10", "Names don't claim to be the operator's, and counters end in _total.")
            .cites("Prometheus naming; cnpg_collector_ belongs to the exporter itself")
            .remedy("Rename the metric.")
            .when(Need.METRICS)
            .tested(
                (s, f) -> {
                  for (Metric metric : defined(s)) {
                    String name = metric.getFqName();
                    f.unless(!name.startsWith("cnpg_collector_"), "%s", name);
                    f.unless(
                        type(metric) != MetricType.Type.TYPE_COUNTER_VALUE
                            || name.endsWith("_total"),
                        "%s is a counter without _total",
                        name);
                  }
                }),
        operator("MET-11", "Collect answers what it can, even without a database.")
            .cites(CLIENT + "an error aborts all plugins' metrics of that scrape")
            .remedy("Leave out the series that can't be known now.")
            .when(Need.METRICS)
            .tested((s, f) -> collect(s)),
        advice("MET-12", "There are fewer than 1000 series.")
            .cites("they are collected again for every scrape of every instance")
            .remedy("Drop labels that take many values.")
            .when(Need.METRICS)
            .tested(
                (s, f) -> {
                  int count = collected(s).size();
                  f.unless(count < SERIES_LIMIT, "there are %d", count);
                }));
  }

  private static int type(Metric metric) {
    return metric.getValueType().getTypeValue();
  }

  private static List<Metric> define(Session session) {
    return session
        .wire()
        .metrics()
        .define(DefineMetricsRequest.newBuilder().setClusterDefinition(session.cluster()).build())
        .getMetricsList();
  }

  private static List<Metric> defined(Session session) {
    return session.fresh("Define", () -> define(session));
  }

  private static Map<String, Metric> byName(Session session) {
    Map<String, Metric> byName = new HashMap<>();
    defined(session).forEach(metric -> byName.putIfAbsent(metric.getFqName(), metric));
    return byName;
  }

  private static CollectMetricsResult collect(Session session) {
    return session
        .wire()
        .metrics()
        .collect(
            CollectMetricsRequest.newBuilder().setClusterDefinition(session.cluster()).build());
  }

  private static List<CollectMetric> collected(Session session) {
    return session.fresh("Collect", () -> collect(session)).getMetricsList();
  }

  private static String series(CollectMetric sample) {
    return sample.getFqName() + sample.getVariableLabelsList();
  }

  private static void growing(Session session, Findings findings) {
    Set<String> counters = new HashSet<>();
    defined(session).stream()
        .filter(metric -> type(metric) == MetricType.Type.TYPE_COUNTER_VALUE)
        .forEach(metric -> counters.add(metric.getFqName()));
    Map<String, Double> last = new HashMap<>();
    for (int i = 0; i < SCRAPES; i++) {
      for (CollectMetric sample : collected(session)) {
        if (counters.contains(sample.getFqName())) {
          Double before = last.put(series(sample), sample.getValue());
          findings.unless(
              before == null || before <= sample.getValue(),
              "%s went from %s to %s",
              series(sample),
              before,
              sample.getValue());
        }
      }
    }
  }
}
