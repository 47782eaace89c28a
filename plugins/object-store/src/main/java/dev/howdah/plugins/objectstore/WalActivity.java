package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What became of each Cluster's WAL in this process since it started, as metrics. Thread-safe.
 *
 * <p>How much WAL waits is read from PostgreSQL's own marks, so it also grows while nobody asks for
 * any to be archived.
 */
final class WalActivity {

  static final MetricDefinition ARCHIVED =
      MetricDefinition.counter(
          "howdah_object_store_wal_archived_total", "WAL files that were archived.");
  static final MetricDefinition FAILED =
      MetricDefinition.counter(
          "howdah_object_store_wal_archive_failures_total",
          "Requests to archive a WAL file that failed.");
  static final MetricDefinition RESTORED =
      MetricDefinition.counter(
          "howdah_object_store_wal_restored_total", "WAL files that were restored.");
  static final MetricDefinition LAST_ARCHIVED =
      MetricDefinition.gauge(
          "howdah_object_store_wal_last_archived_timestamp",
          "Unix time at which WAL was last archived; 0 if none was.");
  static final MetricDefinition LAST_FAILED =
      MetricDefinition.gauge(
          "howdah_object_store_wal_last_failed_timestamp",
          "Unix time at which archiving last failed; 0 if it never did.");
  static final MetricDefinition WAITING =
      MetricDefinition.gauge(
          "howdah_object_store_wal_waiting", "WAL files that wait to be archived.");

  private static final Logger log = LoggerFactory.getLogger(WalActivity.class);

  private final Clock clock;
  private final Map<String, Seen> clusters = new ConcurrentHashMap<>();

  WalActivity(Clock clock) {
    this.clock = clock;
  }

  private record Seen(
      long archived,
      long failed,
      long restored,
      Optional<Instant> lastArchived,
      Optional<Instant> lastFailed,
      @Nullable Path walDirectory) {

    static final Seen NOTHING = new Seen(0, 0, 0, Optional.empty(), Optional.empty(), null);
  }

  static List<MetricDefinition> definitions() {
    return List.of(ARCHIVED, FAILED, RESTORED, LAST_ARCHIVED, LAST_FAILED, WAITING);
  }

  void archived(Cluster cluster, Path source) {
    clusters.merge(
        cluster.qualifiedName(),
        new Seen(1, 0, 0, Optional.of(clock.instant()), Optional.empty(), source.getParent()),
        WalActivity::together);
  }

  void failed(Cluster cluster, Path source) {
    clusters.merge(
        cluster.qualifiedName(),
        new Seen(0, 1, 0, Optional.empty(), Optional.of(clock.instant()), source.getParent()),
        WalActivity::together);
  }

  void restored(Cluster cluster) {
    clusters.merge(
        cluster.qualifiedName(),
        new Seen(0, 0, 1, Optional.empty(), Optional.empty(), null),
        WalActivity::together);
  }

  private static Seen together(Seen before, Seen now) {
    return new Seen(
        before.archived() + now.archived(),
        before.failed() + now.failed(),
        before.restored() + now.restored(),
        now.lastArchived().or(before::lastArchived),
        now.lastFailed().or(before::lastFailed),
        now.walDirectory() == null ? before.walDirectory() : now.walDirectory());
  }

  List<MetricSample> samples(Cluster cluster) {
    Seen seen = clusters.getOrDefault(cluster.qualifiedName(), Seen.NOTHING);
    List<MetricSample> samples =
        new ArrayList<>(
            List.of(
                ARCHIVED.sample((double) seen.archived()),
                FAILED.sample((double) seen.failed()),
                RESTORED.sample((double) seen.restored()),
                LAST_ARCHIVED.sample(seconds(seen.lastArchived())),
                LAST_FAILED.sample(seconds(seen.lastFailed()))));
    if (seen.walDirectory() != null) {
      waiting(seen.walDirectory()).ifPresent(count -> samples.add(WAITING.sample((double) count)));
    }
    return samples;
  }

  private static double seconds(Optional<Instant> time) {
    return time.map(at -> (double) at.getEpochSecond()).orElse(0.0);
  }

  private static Optional<Long> waiting(Path walDirectory) {
    Path marks = walDirectory.resolve("archive_status");
    long count = 0;
    try (DirectoryStream<Path> ready = Files.newDirectoryStream(marks, "*.ready")) {
      for (Path mark : ready) {
        if (mark.getFileName() != null) {
          count++;
        }
      }
      return Optional.of(count);
    } catch (IOException | DirectoryIteratorException e) {
      log.atDebug().addKeyValue("directory", marks).setCause(e).log("WAL can't be counted");
      return Optional.empty();
    }
  }
}
