package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.metrics.MetricDefinition;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The dashboard and the alerts ask for metrics that there are. */
class MonitoringTest {

  private static final Path CHART = Path.of("../../helm/howdah/files");
  private static final Pattern METRIC =
      Pattern.compile("(?:howdah_object_store|barman_cloud_cloudnative_pg_io)_[a-z_]+");
  private static final Pattern ALERT = Pattern.compile("alert: (\\w+)");

  @Test
  void theDashboardShowsEveryMetricAndNoOther() throws Exception {
    assertThat(metrics(CHART.resolve("dashboards/object-store.json"))).isEqualTo(defined());
  }

  @Test
  void theAlertsAskForMetricsThatThereAre() throws Exception {
    assertThat(metrics(CHART.resolve("rules/object-store.yaml"))).isSubsetOf(defined());
  }

  @Test
  void everyAlertHasItsPlaceInTheRunbook() throws Exception {
    String runbook = Files.readString(Path.of("../../docs/operations/alerts.md"));

    assertThat(ALERT.matcher(Files.readString(CHART.resolve("rules/object-store.yaml"))).results())
        .hasSizeGreaterThan(3)
        .allSatisfy(alert -> assertThat(runbook).contains("\n## " + alert.group(1) + "\n"));
  }

  private static Set<String> metrics(Path file) throws Exception {
    return METRIC
        .matcher(Files.readString(file))
        .results()
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> defined() {
    return MetricsHooks.definitions().stream()
        .map(MetricDefinition::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
