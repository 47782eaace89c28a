package dev.howdah.plugins.objectstore.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.backup.BackupProgress;
import dev.howdah.plugins.objectstore.backup.BackupSettings;
import dev.howdah.plugins.objectstore.backup.BaseBackup;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.postgres.LoadedDatabase;
import dev.howdah.plugins.objectstore.postgres.LoadedDatabase.Point;
import dev.howdah.plugins.objectstore.postgres.Postgres;
import dev.howdah.plugins.objectstore.recovery.BackupChoice;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.recovery.BackupRestore.Destination;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Timeline;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Until;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A database with 64 MiB segments, a separate WAL directory and a tablespace is backed up while
 * clients write into it, and recovered to every kind of target and on both of two timelines. What
 * comes back is compared, row by row, with the clients' own log of what was committed.
 */
@Timeout(600)
class RecoveryTargetsProof {

  private static final int WRITERS = 2;
  private static final String BRANCH =
      "INSERT INTO rows SELECT i, 'second timeline' FROM generate_series(5000001, 5000300) i";

  @TempDir Path scratch;

  private final AtomicBoolean writing = new AtomicBoolean(true);
  private Archive archive;
  private LoadedDatabase database;
  private Entry backup;
  private int targets;
  private long compared;

  @Test
  void everyTargetBringsBackExactlyWhatWasCommittedThere() throws Exception {
    archive =
        new Archive(
            DirectoryStore.open(Files.createDirectory(scratch.resolve("root"))),
            new ArchiveLayout("main"));
    ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
    try (LoadedDatabase started =
        LoadedDatabase.start(
            archive, scratch.resolve("spool"), "--wal-segsize=64", "--waldir=HOME/wal")) {
      database = started;
      database
          .postgres()
          .execute(
              "CREATE TABLESPACE fast LOCATION '" + database.directory() + "'",
              "ALTER TABLE rows SET TABLESPACE fast");
      assertThat(database.postgres().query("SHOW wal_segment_size")).isEqualTo("64MB");
      assertThat(database.postgres().data().resolve("pg_wal")).isSymbolicLink();
      recoverToEveryPoint(writers);
    } finally {
      writing.set(false);
      writers.shutdownNow();
    }
    System.out.printf(
        "object-store-recovery: %d recoveries, %d rows compared, none missing, none too many%n",
        targets, compared);
  }

  private void recoverToEveryPoint(ExecutorService writers) throws Exception {
    List<Future<?>> load = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      load.add(writers.submit(this::write));
    }
    String id = backUp();
    backup = Catalogue.read(archive).find(id).orElseThrow();
    assertThat(backup.info().segmentSize()).isEqualTo(64 << 20);
    Point time = database.point("SELECT clock_timestamp()::text FROM pg_sleep(0.02)");
    TimeUnit.MILLISECONDS.sleep(300);
    Point position = database.point("SELECT pg_current_wal_insert_lsn()::text");
    TimeUnit.MILLISECONDS.sleep(300);
    Point name = database.point("SELECT pg_create_restore_point('mark')::text");
    TimeUnit.MILLISECONDS.sleep(300);
    Point transaction = database.commitAlone(5);
    TimeUnit.MILLISECONDS.sleep(300);
    // Another backup, which must not be chosen for what was before it.
    String later = backUp();
    writing.set(false);
    for (Future<?> writer : load) {
      writer.get(60, TimeUnit.SECONDS);
    }
    database.postgres().awaitArchived();
    SortedMap<Integer, String> end = database.log();
    database.postgres().kill();

    assertThat(chosen(new Until.Time(RecoveryTarget.parseTime(time.value())))).isEqualTo(id);
    assertThat(chosen(new Until.EndOfArchive())).isEqualTo(later);
    assertThat(chosen(new Until.Consistency())).isEqualTo(later);
    assertThat(chosen(new Until.RestorePoint("mark"))).isEqualTo(id);
    assertThat(chosen(RecoveryTarget.parseTransaction(transaction.value()))).isEqualTo(id);
    assertRecovered("time", Map.of("recovery_target_time", time.value()), time.rows());
    assertRecovered(
        "position",
        Map.of("recovery_target_lsn", position.value(), "recovery_target_inclusive", "off"),
        position.rows());
    assertRecovered("name", Map.of("recovery_target_name", "mark"), name.rows());
    assertRecovered(
        "transaction", Map.of("recovery_target_xid", transaction.value()), transaction.rows());
    assertRecovered("latest", Map.of(), end);
    recoverOnBothTimelines(time, end);
  }

  private Void write() throws SQLException {
    while (writing.get()) {
      database.commit(20);
      database.rollBack(5);
    }
    return null;
  }

  private void assertRecovered(
      String what, Map<String, String> target, SortedMap<Integer, String> committed)
      throws Exception {
    Map<String, String> settings = new TreeMap<>(target);
    // The promoted ones before it have archived nothing, so there is one timeline so far.
    settings.putIfAbsent("recovery_target_timeline", "current");
    assertThat(database.recovered(backup, settings)).as(what).isEqualTo(committed);
    targets++;
    compared += committed.size();
  }

  private void recoverOnBothTimelines(Point time, SortedMap<Integer, String> end) throws Exception {
    Path home = database.directory();
    Path data = home.resolve("data");
    BackupRestore.restore(
        archive,
        backup,
        new Destination(data, Optional.empty(), Map.of("fast", home.resolve("fast")), 2));
    try (Postgres promoted =
        database.recover(
            data,
            Map.of(
                "recovery_target_time", time.value(),
                "archive_mode", "on",
                "archive_command", database.archiveCommand()))) {
      promoted.execute(BRANCH, "SELECT pg_create_restore_point('branch')");
      promoted.awaitArchived();
    }
    assertThat(archive.newestTimeline()).isEqualTo(2);
    SortedMap<Integer, String> branch = new TreeMap<>(time.rows());
    for (int id = 5_000_001; id <= 5_000_300; id++) {
      branch.put(id, "second timeline");
    }
    // What the first timeline wrote after the branch is no part of the second.
    assertThat(chosen(new Until.EndOfArchive())).isEqualTo(backup.id());
    assertThat(chosen(new Until.RestorePoint("branch"))).isEqualTo(backup.id());
    assertRecovered("second timeline", Map.of("recovery_target_timeline", "latest"), branch);
    assertRecovered("first timeline", Map.of("recovery_target_timeline", "1"), end);
    assertThat(
            BackupChoice.choose(
                    archive,
                    Catalogue.read(archive),
                    new RecoveryTarget(
                        Optional.empty(),
                        Optional.of(new Timeline.Numbered(1)),
                        new Until.EndOfArchive()))
                .backup()
                .id())
        .isNotEqualTo(backup.id());
  }

  private String chosen(Until until) throws Exception {
    return BackupChoice.choose(
            archive,
            Catalogue.read(archive),
            new RecoveryTarget(Optional.empty(), Optional.empty(), until))
        .backup()
        .id();
  }

  private String backUp() {
    return new BaseBackup(Clock.systemUTC())
        .make(
            archive,
            database.postgres().address(),
            "under-load",
            new BackupSettings(
                Codec.ZSTD, 2, 1 << 20, 8 << 20, true, Map.of(), Duration.ofMinutes(2)),
            new BackupProgress(() -> false))
        .id();
  }
}
