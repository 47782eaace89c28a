package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The recovery window as metrics, under the names that dashboards for Barman's plugin know. A
 * scrape never waits for a store: it gets what was read last, and has it read again if that is old.
 * Thread-safe.
 */
final class RecoveryWindowMetrics implements AutoCloseable {

  static final MetricDefinition FIRST =
      MetricDefinition.gauge(
          "barman_cloud_cloudnative_pg_io_first_recoverability_point",
          "Unix time of the earliest point that can be recovered to; 0 if there is none.");
  static final MetricDefinition LAST =
      MetricDefinition.gauge(
          "barman_cloud_cloudnative_pg_io_last_available_backup_timestamp",
          "Unix time at which the newest backup ended; 0 if there is none.");
  static final MetricDefinition FAILED =
      MetricDefinition.gauge(
          "barman_cloud_cloudnative_pg_io_last_failed_backup_timestamp",
          "Unix time at which the newest failed backup began; 0 if there is none.");

  private static final Logger log = LoggerFactory.getLogger(RecoveryWindowMetrics.class);
  private static final long FRESH_NANOS = Duration.ofMinutes(5).toNanos();

  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("recovery-window").factory());
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Set<String> reading = ConcurrentHashMap.newKeySet();

  private record Known(Catalogue catalogue, long read) {}

  List<MetricDefinition> definitions() {
    return List.of(FIRST, LAST, FAILED);
  }

  List<MetricSample> samples(Archive archive) {
    Known last = known.get(archive.location());
    if (last == null || System.nanoTime() - last.read() > FRESH_NANOS) {
      if (reading.add(archive.location())) {
        refresh(archive, catalogue -> {});
      }
    }
    Optional<Catalogue> catalogue = Optional.ofNullable(last).map(Known::catalogue);
    return List.of(
        sample(FIRST, catalogue.flatMap(Catalogue::firstRecoverabilityPoint)),
        sample(LAST, catalogue.flatMap(Catalogue::lastBackupTime)),
        sample(FAILED, catalogue.flatMap(Catalogue::lastFailureTime)));
  }

  /**
   * Reads an archive's catalogue again, in the background.
   *
   * @param then is told what was read
   */
  void refresh(Archive archive, Consumer<Catalogue> then) {
    reader.execute(
        () -> {
          try {
            Catalogue catalogue = Catalogue.read(archive);
            known.put(archive.location(), new Known(catalogue, System.nanoTime()));
            then.accept(catalogue);
          } catch (IOException e) {
            log.atWarn()
                .addKeyValue("archive", archive.location())
                .addKeyValue("reason", e.getMessage())
                .log("The recovery window can't be read; metrics show the last one known");
          } finally {
            reading.remove(archive.location());
          }
        });
  }

  private static MetricSample sample(MetricDefinition metric, Optional<Instant> time) {
    return metric.sample(time.map(Instant::getEpochSecond).orElse(0L));
  }

  @Override
  public void close() {
    reader.shutdownNow();
  }
}
