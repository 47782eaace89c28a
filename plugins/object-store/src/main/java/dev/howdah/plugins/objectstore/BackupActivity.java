package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugins.objectstore.backup.BackupProgress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What became of the backups that this process was asked for since it started, and how far a
 * running one has come, as metrics. Thread-safe.
 */
final class BackupActivity {

  static final MetricDefinition MADE =
      MetricDefinition.counter(
          "howdah_object_store_backups_made_total", "Backups that this instance made.");
  static final MetricDefinition FAILED =
      MetricDefinition.counter(
          "howdah_object_store_backup_failures_total",
          "Backups that this instance was asked for and could not make.");
  static final MetricDefinition RUNNING =
      MetricDefinition.gauge(
          "howdah_object_store_backup_running", "1 while this instance makes a backup.");
  static final MetricDefinition RUNNING_BYTES =
      MetricDefinition.gauge(
          "howdah_object_store_backup_running_bytes",
          "Bytes of PostgreSQL's files that the running backup has read; 0 if none runs.");

  private final Map<String, Seen> archives = new ConcurrentHashMap<>();

  private static final class Seen {
    private long made;
    private long failed;
    private @Nullable BackupProgress running;
  }

  /** One backup, from its beginning to its end. */
  final class Attempt implements AutoCloseable {
    private final Seen seen;
    private final BackupProgress progress;
    private boolean made;

    private Attempt(Seen seen, BackupProgress progress) {
      this.seen = seen;
      this.progress = progress;
      synchronized (seen) {
        // A second one at the same time will be refused; it doesn't hide the first.
        seen.running = seen.running == null ? progress : seen.running;
      }
    }

    /** Takes note that it was made. */
    void made() {
      made = true;
    }

    @Override
    public void close() {
      synchronized (seen) {
        if (made) {
          seen.made++;
        } else {
          seen.failed++;
        }
        seen.running = seen.running == progress ? null : seen.running;
      }
    }
  }

  static List<MetricDefinition> definitions() {
    return List.of(MADE, FAILED, RUNNING, RUNNING_BYTES);
  }

  /**
   * Takes note that a backup begins. Closed without {@link Attempt#made()}, it has failed.
   *
   * @param archive where to
   */
  Attempt begin(String archive, BackupProgress progress) {
    return new Attempt(of(archive), progress);
  }

  List<MetricSample> samples(String archive) {
    Seen seen = of(archive);
    synchronized (seen) {
      BackupProgress running = seen.running;
      return List.of(
          MADE.sample((double) seen.made),
          FAILED.sample((double) seen.failed),
          RUNNING.sample(running == null ? 0.0 : 1.0),
          RUNNING_BYTES.sample(running == null ? 0.0 : (double) running.bytes()));
    }
  }

  private Seen of(String archive) {
    return archives.computeIfAbsent(archive, key -> new Seen());
  }
}
