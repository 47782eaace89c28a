package dev.howdah.plugins.metrics;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugins.metrics.query.MetricQuery;
import java.util.List;

/** What the plugin says about its own collecting. */
final class SelfMetrics {

  static final MetricDefinition UP =
      MetricDefinition.gauge(
          MetricQuery.PREFIX + "up",
          "1 if the plugin could log in when it last tried, else 0; its log says why.");
  static final MetricDefinition DURATION =
      MetricDefinition.gauge(
          MetricQuery.PREFIX + "collection_duration_seconds",
          "How long the group's last collection took.",
          "group");
  static final MetricDefinition AGE =
      MetricDefinition.gauge(
          MetricQuery.PREFIX + "collection_age_seconds",
          "How old the group's values are.",
          "group");
  static final MetricDefinition ERRORS =
      MetricDefinition.counter(
          MetricQuery.PREFIX + "collection_errors_total",
          "Statements of the group that failed or took too long.",
          "group");
  static final MetricDefinition DROPPED =
      MetricDefinition.gauge(
          MetricQuery.PREFIX + "series_dropped",
          "Rows and values of the last collection that were left out: too many, twice, or counters"
              + " that aren't counts.",
          "group");
  static final MetricDefinition INVALID =
      MetricDefinition.gauge(
          MetricQuery.PREFIX + "declared_queries_invalid",
          "Problems in the parameter queries; the statements they are in aren't collected.");

  static final List<MetricDefinition> DEFINITIONS =
      List.of(UP, DURATION, AGE, ERRORS, DROPPED, INVALID);

  private SelfMetrics() {}
}
