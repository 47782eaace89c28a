package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugin.audit.AuditPublisher;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.archive.VerificationRecord;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import dev.howdah.plugins.objectstore.recovery.Verification;
import dev.howdah.plugins.objectstore.store.LimitedStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies a backup of an archive from time to time, in the background, one at a time and no faster
 * than it may. When it is time is told by what stands in the archive, so neither a restart nor a
 * failover makes it come sooner. Thread-safe.
 */
final class VerificationCare implements AutoCloseable {

  static final MetricDefinition RUNNING =
      MetricDefinition.gauge(
          "howdah_object_store_verification_running", "1 while this instance verifies a backup.");
  static final MetricDefinition RUNNING_BYTES =
      MetricDefinition.gauge(
          "howdah_object_store_verification_running_bytes",
          "Bytes that the running verification has read; 0 if none runs.");

  private static final Logger log = LoggerFactory.getLogger(VerificationCare.class);
  private static final Duration AFTER_FAILURE = Duration.ofHours(6);
  private static final long LOG_EVERY_NANOS = Duration.ofMinutes(1).toNanos();

  private final Clock clock;
  private final AuditPublisher audit;
  private final LimitedStore.Rates rates;
  private final Optional<Path> scratch;
  private final Map<String, AtomicLong> running = new ConcurrentHashMap<>();
  private final Map<String, Instant> notBefore = new ConcurrentHashMap<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform()
              .daemon()
              .name("verification")
              .priority(Thread.MIN_PRIORITY)
              .factory());

  /**
   * Makes it.
   *
   * @param bytesPerSecond how fast it may read, from 256 KiB on
   * @param scratch a directory to restore backups into, if they are to be restored
   */
  VerificationCare(Clock clock, AuditPublisher audit, long bytesPerSecond, Optional<Path> scratch) {
    this.clock = clock;
    this.audit = audit;
    this.rates = new LimitedStore.Rates(bytesPerSecond);
    this.scratch = scratch;
  }

  static List<MetricDefinition> definitions() {
    return List.of(RUNNING, RUNNING_BYTES);
  }

  List<MetricSample> samples(Archive archive) {
    AtomicLong bytes = running.get(archive.location());
    return List.of(
        RUNNING.sample(bytes == null ? 0.0 : 1.0),
        RUNNING_BYTES.sample(bytes == null ? 0.0 : (double) bytes.get()));
  }

  /**
   * Begins a verification if it is time.
   *
   * @param interval how long after the last one
   * @param then is called when it has ended
   * @return whether one was begun
   */
  boolean consider(
      Cluster cluster, Archive archive, Catalogue catalogue, Duration interval, Runnable then)
      throws IOException {
    Instant now = clock.instant();
    String location = archive.location();
    if (running.containsKey(location)
        || notBefore.getOrDefault(location, Instant.MIN).isAfter(now)) {
      return false;
    }
    Map<String, VerificationRecord> records = VerificationRecord.readAll(archive, catalogue);
    if (records.values().stream().anyMatch(record -> record.at().plus(interval).isAfter(now))) {
      return false;
    }
    Optional<Entry> next = next(catalogue, records);
    if (next.isEmpty()) {
      return false;
    }
    begin(cluster, archive, next.get(), walFrom(archive, catalogue, records), then);
    return true;
  }

  private void begin(
      Cluster cluster, Archive archive, Entry backup, Optional<String> walFrom, Runnable then) {
    AtomicLong bytes = new AtomicLong();
    running.put(archive.location(), bytes);
    try {
      thread.execute(
          () -> {
            try {
              verify(cluster, archive, backup, walFrom, bytes);
            } finally {
              running.remove(archive.location());
            }
            then.run();
          });
    } catch (RejectedExecutionException e) {
      running.remove(archive.location());
      log.atDebug()
          .addKeyValue("archive", archive.location())
          .log("The plugin stops; no verification now");
    }
  }

  /** The newest that was never verified, else the one for which that was longest ago. */
  private static Optional<Entry> next(
      Catalogue catalogue, Map<String, VerificationRecord> records) {
    List<Entry> possible =
        catalogue.restorable().stream()
            .filter(entry -> !entry.info().isSnapshot())
            .filter(entry -> entry.info().parentBackupId().isEmpty())
            .toList();
    return possible.stream()
        .filter(entry -> !records.containsKey(entry.id()))
        .max(Comparator.comparing(entry -> entry.info().endTime().orElse(Instant.MIN)))
        .or(
            () ->
                possible.stream()
                    .min(
                        Comparator.comparing(
                            entry ->
                                Optional.ofNullable(records.get(entry.id()))
                                    .map(VerificationRecord::at)
                                    .orElse(Instant.MIN))));
  }

  // Where the last one stopped, if that is still on the way from a backup to the archive's end.
  private static Optional<String> walFrom(
      Archive archive, Catalogue catalogue, Map<String, VerificationRecord> records)
      throws IOException {
    Optional<Entry> oldest = catalogue.restorable().stream().findFirst();
    Optional<String> wal =
        records.values().stream()
            .filter(record -> record.walUpTo().isPresent())
            .max(Comparator.comparing(VerificationRecord::at))
            .flatMap(VerificationRecord::walUpTo);
    if (oldest.isEmpty() || oldest.get().info().beginWal().isEmpty() || wal.isEmpty()) {
      return Optional.empty();
    }
    long size = oldest.get().info().segmentSize();
    WalSegment reached = WalSegment.parse(wal.get(), size);
    WalSegment first = WalSegment.parse(oldest.get().info().beginWal().get(), size);
    boolean onTheWay =
        archive
            .history(archive.newestTimeline())
            .passesThrough(reached.timeline(), reached.start(size));
    return onTheWay && reached.number() >= first.number() ? wal : Optional.empty();
  }

  private void verify(
      Cluster cluster, Archive archive, Entry backup, Optional<String> walFrom, AtomicLong bytes) {
    log.atInfo()
        .addKeyValue("cluster", cluster.qualifiedName())
        .addKeyValue("archive", archive.location())
        .addKeyValue("backup", backup.id())
        .log("Verification begins");
    Archive slowed = new Archive(new LimitedStore(archive.store(), rates), archive.layout());
    try {
      VerificationRecord found =
          new Verification(true, walFrom, scratch, 1)
              .verify(slowed, backup, clock, new LoggedProgress(backup, bytes));
      if (found.write(archive, backup)) {
        report(cluster, archive, backup, found);
      }
    } catch (IOException | PluginException e) {
      if (thread.isShutdown()) {
        log.atInfo()
            .addKeyValue("backup", backup.id())
            .log("The verification ends with the plugin");
        return;
      }
      later(archive);
      log.atWarn()
          .addKeyValue("cluster", cluster.qualifiedName())
          .addKeyValue("archive", archive.location())
          .addKeyValue("backup", backup.id())
          .addKeyValue("reason", e.getMessage())
          .log("The backup could not be verified; it is tried again in some hours");
    } catch (RuntimeException e) {
      later(archive);
      log.atError()
          .addKeyValue("cluster", cluster.qualifiedName())
          .addKeyValue("archive", archive.location())
          .addKeyValue("backup", backup.id())
          .setCause(e)
          .log("The backup could not be verified");
    }
  }

  private void later(Archive archive) {
    notBefore.put(archive.location(), clock.instant().plus(AFTER_FAILURE));
  }

  /** Logs now and then how far a verification has come. */
  private static final class LoggedProgress implements Progress {
    private final Entry backup;
    private final AtomicLong bytes;
    private final AtomicLong logged = new AtomicLong(System.nanoTime());
    private volatile long expected;

    LoggedProgress(Entry backup, AtomicLong bytes) {
      this.backup = backup;
      this.bytes = bytes;
    }

    @Override
    public void expect(long amount) {
      expected = amount;
    }

    @Override
    public void advance(long amount) {
      long total = bytes.addAndGet(amount);
      long now = System.nanoTime();
      long last = logged.get();
      if (now - last > LOG_EVERY_NANOS && logged.compareAndSet(last, now)) {
        log.atInfo()
            .addKeyValue("backup", backup.id())
            .addKeyValue("bytes", total)
            .addKeyValue("of", expected)
            .log("Verification goes on");
      }
    }
  }

  private void report(Cluster cluster, Archive archive, Entry backup, VerificationRecord found) {
    for (String problem : found.problems()) {
      warn(cluster, archive, backup, problem);
    }
    for (String problem : found.walProblems()) {
      warn(cluster, archive, backup, "after the backup: " + problem);
    }
    log.atInfo()
        .addKeyValue("cluster", cluster.qualifiedName())
        .addKeyValue("archive", archive.location())
        .addKeyValue("backup", backup.id())
        .addKeyValue("sound", found.sound())
        .addKeyValue("restored", found.restored())
        .addKeyValue("bytes", found.bytes())
        .addKeyValue("walUpTo", found.walUpTo().orElse(""))
        .addKeyValue("unproven", found.unproven())
        .log("Backup verified");
    audit.publish(
        AuditEvent.of("backup.verify")
            .cluster(cluster)
            .detail("backup", backup.id())
            .detail("archive", archive.location())
            .detail("result", found.sound() ? "sound" : "unsound")
            .detail("restored", String.valueOf(found.restored()))
            .detail("problems", String.valueOf(found.problems().size()))
            .detail("walUpTo", found.walUpTo().orElse(""))
            .detail("walProblems", String.valueOf(found.walProblems().size()))
            .build());
  }

  private static void warn(Cluster cluster, Archive archive, Entry backup, String problem) {
    log.atWarn()
        .addKeyValue("cluster", cluster.qualifiedName())
        .addKeyValue("archive", archive.location())
        .addKeyValue("backup", backup.id())
        .log("Verification: {}", problem);
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
