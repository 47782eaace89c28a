package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugins.objectstore.retention.Retention;
import dev.howdah.plugins.objectstore.retention.RetentionPlan;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What retention has done to each archive since this process started, and why it did nothing, as
 * metrics. Thread-safe.
 */
final class RetentionActivity {

  static final MetricDefinition HELD =
      MetricDefinition.gauge(
          "howdah_object_store_retention_held_backups",
          "Backups that retention only keeps because too few newer ones were found sound.");
  static final MetricDefinition REFUSED =
      MetricDefinition.gauge(
          "howdah_object_store_retention_refused",
          "1 while retention deletes nothing, since the archive is not as it should be.");
  static final MetricDefinition DELETED =
      MetricDefinition.counter(
          "howdah_object_store_retention_deleted_total",
          "What retention has deleted: folders of backups, and WAL files.",
          "what");

  private final Map<String, Seen> archives = new ConcurrentHashMap<>();

  private record Seen(int held, boolean refused, long backups, long walFiles) {}

  static List<MetricDefinition> definitions() {
    return List.of(HELD, REFUSED, DELETED);
  }

  void planned(String archive, RetentionPlan plan) {
    archives.merge(
        archive,
        new Seen(plan.held().size(), plan.refusal().isPresent(), 0, 0),
        (before, now) -> new Seen(now.held(), now.refused(), before.backups(), before.walFiles()));
  }

  void deleted(String archive, Retention.Report report) {
    archives.computeIfPresent(
        archive,
        (key, before) ->
            new Seen(
                before.held(),
                before.refused(),
                before.backups() + report.backups(),
                before.walFiles() + report.walFiles()));
  }

  /** Nothing where retention has not yet looked, as on all instances but the primary. */
  List<MetricSample> samples(String archive) {
    Seen seen = archives.get(archive);
    return seen == null
        ? List.of()
        : List.of(
            HELD.sample((double) seen.held()),
            REFUSED.sample(seen.refused() ? 1.0 : 0.0),
            DELETED.sample((double) seen.backups(), "backup"),
            DELETED.sample((double) seen.walFiles(), "wal"));
  }
}
