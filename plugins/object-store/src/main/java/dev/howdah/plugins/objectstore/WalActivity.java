package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
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
 * any to be archived. Which file was the last is told by timeline and position: its name as a label
 * would be a new series with every file.
 */
final class WalActivity {

  static final MetricDefinition ARCHIVED =
      MetricDefinition.counter(
          "howdah_object_store_wal_archived_total", "WAL files that were archived.");
  static final MetricDefinition ARCHIVED_BYTES =
      MetricDefinition.counter(
          "howdah_object_store_wal_archived_bytes_total",
          "Bytes of the WAL files that were archived, before compression.");
  static final MetricDefinition ARCHIVE_SECONDS =
      MetricDefinition.counter(
          "howdah_object_store_wal_archive_seconds_total",
          "Time that PostgreSQL waited for the WAL files that were archived.");
  static final MetricDefinition FAILED =
      MetricDefinition.counter(
          "howdah_object_store_wal_archive_failures_total",
          "Requests to archive a WAL file that failed.");
  static final MetricDefinition RESTORED =
      MetricDefinition.counter(
          "howdah_object_store_wal_restored_total", "WAL files that were restored.");
  static final MetricDefinition RESTORE_SECONDS =
      MetricDefinition.counter(
          "howdah_object_store_wal_restore_seconds_total",
          "Time that PostgreSQL waited for the WAL files that were restored.");
  static final MetricDefinition LAST_ARCHIVED =
      MetricDefinition.gauge(
          "howdah_object_store_wal_last_archived_timestamp",
          "Unix time at which WAL was last archived; 0 if none was.");
  static final MetricDefinition LAST_ARCHIVED_TIMELINE =
      MetricDefinition.gauge(
          "howdah_object_store_wal_last_archived_timeline",
          "Timeline of the segment that was last archived.");
  static final MetricDefinition LAST_ARCHIVED_LSN =
      MetricDefinition.gauge(
          "howdah_object_store_wal_last_archived_lsn",
          "Position, in bytes, at which the segment begins that was last archived.");
  static final MetricDefinition LAST_FAILED =
      MetricDefinition.gauge(
          "howdah_object_store_wal_last_failed_timestamp",
          "Unix time at which archiving last failed; 0 if it never did.");
  static final MetricDefinition LAST_FAILED_TIMELINE =
      MetricDefinition.gauge(
          "howdah_object_store_wal_last_failed_timeline",
          "Timeline of the segment that could last not be archived.");
  static final MetricDefinition LAST_FAILED_LSN =
      MetricDefinition.gauge(
          "howdah_object_store_wal_last_failed_lsn",
          "Position, in bytes, at which the segment begins that could last not be archived.");
  static final MetricDefinition WAITING =
      MetricDefinition.gauge(
          "howdah_object_store_wal_waiting", "WAL files that wait to be archived.");
  static final MetricDefinition WAITING_SECONDS =
      MetricDefinition.gauge(
          "howdah_object_store_wal_waiting_seconds",
          "How long the oldest of them has been waiting; 0 if none does.");

  private static final Logger log = LoggerFactory.getLogger(WalActivity.class);
  private static final double NANOS = 1e9;

  private final Clock clock;
  private final Optional<Path> usualDirectory;
  private final Map<String, Seen> clusters = new ConcurrentHashMap<>();

  /**
   * Begins with nothing.
   *
   * @param usualDirectory where WAL lies before any was archived, if that is known
   */
  WalActivity(Clock clock, Optional<Path> usualDirectory) {
    this.clock = clock;
    this.usualDirectory = usualDirectory;
  }

  /** A segment, by the place of its first byte. */
  private record Place(int timeline, Lsn start) {}

  /** What became of one file. */
  private record Event(Instant time, Optional<Place> place) {}

  private static final class Seen {
    private long archived;
    private long bytes;
    private long archiveNanos;
    private long failed;
    private long restored;
    private long restoreNanos;
    private @Nullable Event lastArchived;
    private @Nullable Event lastFailed;
    private @Nullable Path walDirectory;

    synchronized void archived(Event event, Path source, long size, long nanos) {
      archived++;
      bytes += size;
      archiveNanos += nanos;
      lastArchived = event;
      walDirectory = source.getParent();
    }

    synchronized void failed(Event event, Path source) {
      failed++;
      lastFailed = event;
      walDirectory = source.getParent();
    }

    synchronized void restored(long nanos) {
      restored++;
      restoreNanos += nanos;
    }

    synchronized Optional<Path> walDirectory() {
      return Optional.ofNullable(walDirectory);
    }

    synchronized Optional<Instant> lastArchived() {
      return Optional.ofNullable(lastArchived).map(Event::time);
    }

    synchronized List<MetricSample> samples() {
      List<MetricSample> samples = new ArrayList<>();
      samples.add(ARCHIVED.sample((double) archived));
      samples.add(ARCHIVED_BYTES.sample((double) bytes));
      samples.add(ARCHIVE_SECONDS.sample(archiveNanos / NANOS));
      samples.add(FAILED.sample((double) failed));
      samples.add(RESTORED.sample((double) restored));
      samples.add(RESTORE_SECONDS.sample(restoreNanos / NANOS));
      samples.addAll(last(lastArchived, LAST_ARCHIVED, LAST_ARCHIVED_TIMELINE, LAST_ARCHIVED_LSN));
      samples.addAll(last(lastFailed, LAST_FAILED, LAST_FAILED_TIMELINE, LAST_FAILED_LSN));
      return samples;
    }

    private static List<MetricSample> last(
        @Nullable Event event,
        MetricDefinition time,
        MetricDefinition timeline,
        MetricDefinition position) {
      if (event == null) {
        return List.of(time.sample(0.0));
      }
      List<MetricSample> samples = new ArrayList<>();
      samples.add(time.sample((double) event.time().getEpochSecond()));
      event
          .place()
          .ifPresent(
              place -> {
                samples.add(timeline.sample((double) place.timeline()));
                samples.add(position.sample((double) place.start().value()));
              });
      return samples;
    }
  }

  static List<MetricDefinition> definitions() {
    return List.of(
        ARCHIVED,
        ARCHIVED_BYTES,
        ARCHIVE_SECONDS,
        FAILED,
        RESTORED,
        RESTORE_SECONDS,
        LAST_ARCHIVED,
        LAST_ARCHIVED_TIMELINE,
        LAST_ARCHIVED_LSN,
        LAST_FAILED,
        LAST_FAILED_TIMELINE,
        LAST_FAILED_LSN,
        WAITING,
        WAITING_SECONDS);
  }

  /**
   * Takes note of a file that was archived.
   *
   * @param took how long PostgreSQL waited for it
   */
  void archived(Cluster cluster, Path source, Duration took) {
    long size = size(source);
    of(cluster)
        .archived(new Event(clock.instant(), place(source, size)), source, size, took.toNanos());
  }

  /** Takes note of a file that could not be archived. */
  void failed(Cluster cluster, Path source) {
    of(cluster).failed(new Event(clock.instant(), place(source, size(source))), source);
  }

  /**
   * Takes note of a file that was restored.
   *
   * @param took how long PostgreSQL waited for it
   */
  void restored(Cluster cluster, Duration took) {
    of(cluster).restored(took.toNanos());
  }

  /** When WAL of a Cluster was last archived by this process. */
  Optional<Instant> lastArchived(Cluster cluster) {
    return of(cluster).lastArchived();
  }

  List<MetricSample> samples(Cluster cluster) {
    Seen seen = of(cluster);
    List<MetricSample> samples = new ArrayList<>(seen.samples());
    seen.walDirectory().or(() -> usualDirectory).ifPresent(wal -> samples.addAll(waiting(wal)));
    return samples;
  }

  private Seen of(Cluster cluster) {
    return clusters.computeIfAbsent(cluster.qualifiedName(), name -> new Seen());
  }

  private static long size(Path source) {
    try {
      return Files.size(source);
    } catch (IOException e) {
      log.atDebug().addKeyValue("file", source).setCause(e).log("WAL can't be measured");
      return 0;
    }
  }

  private static Optional<Place> place(Path source, long size) {
    String name = String.valueOf(source.getFileName());
    if (!WalName.isOne(name) || !(WalName.parse(name) instanceof WalName.Segment segment)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Place(segment.timeline(), WalSegment.of(segment, size).start(size)));
    } catch (IllegalArgumentException e) {
      // A file of this size is no segment, or it is gone.
      return Optional.empty();
    }
  }

  private List<MetricSample> waiting(Path walDirectory) {
    Path marks = walDirectory.resolve("archive_status");
    long count = 0;
    Instant now = clock.instant();
    Instant oldest = now;
    try (DirectoryStream<Path> ready = Files.newDirectoryStream(marks, "*.ready")) {
      for (Path mark : ready) {
        Optional<Instant> since = marked(mark);
        if (since.isPresent()) {
          count++;
          oldest = since.get().isBefore(oldest) ? since.get() : oldest;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      log.atDebug().addKeyValue("directory", marks).setCause(e).log("WAL can't be counted");
      return List.of();
    }
    return List.of(
        WAITING.sample((double) count),
        WAITING_SECONDS.sample(Duration.between(oldest, now).toMillis() / 1000.0));
  }

  // PostgreSQL renames a mark as soon as its file is archived.
  private static Optional<Instant> marked(Path mark) throws IOException {
    try {
      return Optional.of(Files.getLastModifiedTime(mark).toInstant());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
