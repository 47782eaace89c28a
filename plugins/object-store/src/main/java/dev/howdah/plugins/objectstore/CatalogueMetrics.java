package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.VerificationRecord;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout.DataName;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.StoredObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an archive's catalogue says of its backups, as metrics; the recovery window under the names
 * that dashboards for Barman's plugin know. A scrape never waits for a store: it gets what was read
 * last, and has it read again if that is old. Thread-safe.
 */
final class CatalogueMetrics implements AutoCloseable {

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
  static final MetricDefinition WINDOW =
      MetricDefinition.gauge(
          "howdah_object_store_recovery_window_seconds",
          "From the earliest point that can be recovered to, to the newest that is known of.");
  static final MetricDefinition BACKUPS =
      MetricDefinition.gauge(
          "howdah_object_store_backups",
          "Backups in the archive: done, failed, or unfinished, which is running or left over.",
          "state");
  static final MetricDefinition LAST_SECONDS =
      MetricDefinition.gauge(
          "howdah_object_store_last_backup_seconds", "How long the newest backup took.");
  static final MetricDefinition LAST_DATABASE_BYTES =
      MetricDefinition.gauge(
          "howdah_object_store_last_backup_database_bytes",
          "Size of the database when the newest backup was made.");
  static final MetricDefinition LAST_STORED_BYTES =
      MetricDefinition.gauge(
          "howdah_object_store_last_backup_stored_bytes",
          "Bytes that the newest backup takes in the store.");
  static final MetricDefinition LAST_THROUGHPUT =
      MetricDefinition.gauge(
          "howdah_object_store_last_backup_bytes_per_second",
          "Bytes of the database that the newest backup covered in a second.");

  static final MetricDefinition VERIFIED =
      MetricDefinition.gauge(
          "howdah_object_store_backups_verified",
          "Backups that are done, by what their last verification found: sound, unsound, or never"
              + " for those that had none.",
          "result");
  static final MetricDefinition LAST_VERIFICATION =
      MetricDefinition.gauge(
          "howdah_object_store_last_verification_timestamp",
          "Unix time at which a backup was last verified; 0 if none ever was.");
  static final MetricDefinition LAST_SOUND =
      MetricDefinition.gauge(
          "howdah_object_store_last_sound_backup_timestamp",
          "Unix time at which the newest backup ended that was found sound; 0 if none was.");
  static final MetricDefinition WAL_PROBLEMS =
      MetricDefinition.gauge(
          "howdah_object_store_wal_chain_problems",
          "What was wrong with WAL after the backups when it was last followed.");

  private static final Logger log = LoggerFactory.getLogger(CatalogueMetrics.class);
  private static final long FRESH_NANOS = Duration.ofMinutes(5).toNanos();

  private final ExecutorService reader =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("recovery-window").factory());
  private final Map<String, Known> known = new ConcurrentHashMap<>();
  private final Set<String> reading = ConcurrentHashMap.newKeySet();

  /**
   * What was read.
   *
   * @param records what verifications have found, by the backup's id
   * @param storedBytes of the newest backup's archives; 0 without one
   * @param read when, by {@link System#nanoTime()}
   */
  private record Known(
      Catalogue catalogue, Map<String, VerificationRecord> records, long storedBytes, long read) {}

  static List<MetricDefinition> definitions() {
    return List.of(
        FIRST,
        LAST,
        FAILED,
        WINDOW,
        BACKUPS,
        LAST_SECONDS,
        LAST_DATABASE_BYTES,
        LAST_STORED_BYTES,
        LAST_THROUGHPUT,
        VERIFIED,
        LAST_VERIFICATION,
        LAST_SOUND,
        WAL_PROBLEMS);
  }

  /**
   * What is known of an archive.
   *
   * @param walArchived when WAL was last archived there, if that is known
   */
  List<MetricSample> samples(Archive archive, Optional<Instant> walArchived) {
    Known last = known.get(archive.location());
    if (last == null || System.nanoTime() - last.read() > FRESH_NANOS) {
      if (reading.add(archive.location())) {
        refresh(archive, catalogue -> {});
      }
    }
    Optional<Catalogue> catalogue = Optional.ofNullable(last).map(Known::catalogue);
    List<MetricSample> samples = new ArrayList<>();
    samples.add(sample(FIRST, catalogue.flatMap(Catalogue::firstRecoverabilityPoint)));
    samples.add(sample(LAST, catalogue.flatMap(Catalogue::lastBackupTime)));
    samples.add(sample(FAILED, catalogue.flatMap(Catalogue::lastFailureTime)));
    if (last != null) {
      samples.addAll(counts(last.catalogue()));
      samples.addAll(verified(last.catalogue(), last.records()));
      window(last.catalogue(), walArchived).ifPresent(samples::add);
      newest(last.catalogue())
          .ifPresent(backup -> samples.addAll(ofNewest(backup.info(), last.storedBytes())));
    }
    return samples;
  }

  private static List<MetricSample> counts(Catalogue catalogue) {
    long failed =
        catalogue.backups().stream()
            .filter(entry -> entry.info().status().equals(BackupInfo.FAILED))
            .count();
    return List.of(
        BACKUPS.sample((double) catalogue.restorable().size(), "done"),
        BACKUPS.sample((double) failed, "failed"),
        BACKUPS.sample((double) catalogue.leftovers().size(), "unfinished"));
  }

  private static List<MetricSample> verified(
      Catalogue catalogue, Map<String, VerificationRecord> records) {
    long sound = records.values().stream().filter(VerificationRecord::sound).count();
    List<MetricSample> samples = new ArrayList<>();
    samples.add(VERIFIED.sample((double) sound, "sound"));
    samples.add(VERIFIED.sample((double) (records.size() - sound), "unsound"));
    samples.add(
        VERIFIED.sample((double) (catalogue.restorable().size() - records.size()), "never"));
    samples.add(
        sample(
            LAST_VERIFICATION,
            records.values().stream().map(VerificationRecord::at).max(Instant::compareTo)));
    samples.add(
        sample(
            LAST_SOUND,
            catalogue.restorable().stream()
                .filter(entry -> isSound(records.get(entry.id())))
                .flatMap(entry -> entry.info().endTime().stream())
                .max(Instant::compareTo)));
    records.values().stream()
        .filter(VerificationRecord::followedWal)
        .max(Comparator.comparing(VerificationRecord::at))
        .ifPresent(
            record -> samples.add(WAL_PROBLEMS.sample((double) record.walProblems().size())));
    return samples;
  }

  private static boolean isSound(@Nullable VerificationRecord record) {
    return record != null && record.sound();
  }

  private static Optional<MetricSample> window(Catalogue catalogue, Optional<Instant> walArchived) {
    Optional<Instant> first = catalogue.firstRecoverabilityPoint();
    Optional<Instant> newest = catalogue.lastBackupTime();
    if (first.isEmpty() || newest.isEmpty()) {
      return Optional.empty();
    }
    Instant end = walArchived.filter(newest.get()::isBefore).orElse(newest.get());
    return Optional.of(WINDOW.sample((double) Duration.between(first.get(), end).toSeconds()));
  }

  private static Optional<Catalogue.Entry> newest(Catalogue catalogue) {
    return catalogue.restorable().stream()
        .max(Comparator.comparing(entry -> entry.info().endTime().orElse(Instant.MIN)));
  }

  private static List<MetricSample> ofNewest(BackupInfo info, long storedBytes) {
    List<MetricSample> samples = new ArrayList<>();
    samples.add(LAST_STORED_BYTES.sample((double) storedBytes));
    Optional<Double> seconds =
        info.beginTime()
            .flatMap(from -> info.endTime().map(to -> Duration.between(from, to)))
            .map(took -> took.toMillis() / 1000.0);
    Optional<Long> size = info.clusterSize();
    seconds.ifPresent(took -> samples.add(LAST_SECONDS.sample(took)));
    size.ifPresent(bytes -> samples.add(LAST_DATABASE_BYTES.sample((double) bytes)));
    if (size.isPresent() && seconds.filter(took -> took > 0).isPresent()) {
      samples.add(LAST_THROUGHPUT.sample(size.get() / seconds.get()));
    }
    return samples;
  }

  /**
   * Reads an archive's catalogue again, in the background.
   *
   * @param then is told what was read
   */
  void refresh(Archive archive, Consumer<Catalogue> then) {
    try {
      reader.execute(() -> read(archive, then));
    } catch (RejectedExecutionException e) {
      reading.remove(archive.location());
      log.atDebug()
          .addKeyValue("archive", archive.location())
          .log("The plugin stops; the catalogue isn't read again");
    }
  }

  private void read(Archive archive, Consumer<Catalogue> then) {
    try {
      Catalogue catalogue = Catalogue.read(archive);
      known.put(
          archive.location(),
          new Known(
              catalogue,
              VerificationRecord.readAll(archive, catalogue),
              storedBytes(archive, catalogue),
              System.nanoTime()));
      then.accept(catalogue);
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("archive", archive.location())
          .addKeyValue("reason", e.getMessage())
          .log("The recovery window can't be read; metrics show the last one known");
    } finally {
      reading.remove(archive.location());
    }
  }

  private static long storedBytes(Archive archive, Catalogue catalogue) throws StoreException {
    Optional<Catalogue.Entry> newest = newest(catalogue);
    return newest.isEmpty()
        ? 0
        : archive.store().list(archive.layout().backup(newest.get().id())).stream()
            .filter(object -> DataName.parse(object.name()).isPresent())
            .mapToLong(StoredObject::size)
            .sum();
  }

  private static MetricSample sample(MetricDefinition metric, Optional<Instant> time) {
    return metric.sample(time.map(Instant::getEpochSecond).orElse(0L));
  }

  @Override
  public void close() {
    reader.shutdownNow();
  }
}
