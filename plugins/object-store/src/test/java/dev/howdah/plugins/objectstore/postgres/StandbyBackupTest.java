package dev.howdah.plugins.objectstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.backup.BackupProgress;
import dev.howdah.plugins.objectstore.backup.BackupSettings;
import dev.howdah.plugins.objectstore.backup.BaseBackup;
import dev.howdah.plugins.objectstore.backup.BaseBackup.Made;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.BackupId;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.recovery.BackupChoice;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.recovery.BackupRestore.Destination;
import dev.howdah.plugins.objectstore.recovery.BackupVerification;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A base backup is taken from a standby that streams from its primary, which archives the WAL. */
@Timeout(240)
class StandbyBackupTest {

  private static final int PORT = 15951;

  @TempDir Path scratch;

  @Test
  void aStandbysBackupIsMadeWhenThePrimaryHasArchivedItsWalAndBringsBackEveryCommittedRow()
      throws Exception {
    Archive archive =
        new Archive(
            DirectoryStore.open(Files.createDirectory(scratch.resolve("root"))),
            new ArchiveLayout("main"));
    AtomicBoolean writing = new AtomicBoolean(true);
    try (LoadedDatabase database = LoadedDatabase.start(archive, scratch.resolve("spool"))) {
      Postgres primary = database.postgres();
      primary.execute("ALTER SYSTEM SET wal_keep_size = '512MB'", "SELECT pg_reload_conf()");
      database.commit(2000);
      Entry seed = entry(archive, backUp(archive, primary));
      try (Postgres standby = streamingStandby(archive, database, seed)) {
        CompletableFuture<Void> load =
            inBackground(
                () -> {
                  while (writing.get()) {
                    database.commit(20);
                  }
                });
        primary.execute(
            "CHECKPOINT", "ALTER SYSTEM SET archive_command = 'false'", "SELECT pg_reload_conf()");
        awaitAnotherSecondThanOf(seed);
        CompletableFuture<Made> backup = new CompletableFuture<>();
        inBackground(() -> backup.complete(backUp(archive, standby)))
            .whenComplete((nothing, failure) -> completeFailed(backup, failure));
        awaitManifest(archive, seed, backup);
        writing.set(false);
        load.get(60, TimeUnit.SECONDS);
        assertThat(backup).as("a backup whose last WAL is not archived").isNotDone();
        assertThat(Catalogue.read(archive).restorable()).hasSize(1);
        primary.execute("ALTER SYSTEM RESET archive_command", "SELECT pg_reload_conf()");
        // The primary alone can end the segment that the backup ends in, and archives it.
        primary.awaitArchived();
        Made made = backup.get(90, TimeUnit.SECONDS);

        assertThat(made.info().backupLabel().orElseThrow()).contains("BACKUP FROM: standby");
        assertThat(archive.find(WalName.parse(made.info().endWal().orElseThrow()))).isNotEmpty();
        Entry entry = entry(archive, made);
        assertThat(BackupVerification.of(archive, entry).problems()).isEmpty();
        database.commit(300);
        primary.awaitArchived();
        standby.kill();
        primary.kill();
        assertThat(
                BackupChoice.choose(archive, Catalogue.read(archive), RecoveryTarget.LATEST)
                    .backup()
                    .id())
            .isEqualTo(made.id());
        assertThat(database.recovered(entry, Map.of())).isEqualTo(database.log());
      }
    } finally {
      writing.set(false);
    }
  }

  private Postgres streamingStandby(Archive archive, LoadedDatabase database, Entry seed)
      throws Exception {
    Path home = database.directory();
    Path data = home.resolve("data");
    BackupRestore.restore(archive, seed, new Destination(data, Optional.empty(), Map.of(), 2));
    Postgres standby = Postgres.over(data, PORT);
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("hot_standby", "on");
    settings.put(
        "primary_conninfo",
        "host=%s port=%d user=postgres"
            .formatted(database.postgres().address().host(), database.postgres().address().port()));
    standby.configure(settings);
    Files.createFile(data.resolve("standby.signal"));
    Postgres.own(home);
    standby.start();
    try {
      standby.awaitStandby();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(
              () ->
                  database
                      .postgres()
                      .query("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
                      .equals("1"));
    } catch (Exception | Error e) {
      standby.close();
      throw e;
    }
    return standby;
  }

  // A backup's id is the second it begins in, and a second one in it is refused.
  private static void awaitAnotherSecondThanOf(Entry seed) {
    await().until(() -> !BackupId.at(Instant.now()).equals(seed.id()));
  }

  // The manifest is complete once all files are stored; from then on only WAL is awaited.
  private static void awaitManifest(Archive archive, Entry seed, CompletableFuture<Made> backup) {
    await()
        .atMost(Duration.ofSeconds(90))
        .until(
            () ->
                backup.isDone()
                    || archive.store().list(archive.layout().base()).stream()
                        .anyMatch(
                            object ->
                                object.name().equals(ArchiveLayout.MANIFEST)
                                    && !object.key().contains(seed.id())));
    assertThat(backup).isNotCompletedExceptionally();
  }

  private static Made backUp(Archive archive, Postgres postgres) {
    return new BaseBackup(Clock.systemUTC())
        .make(
            archive,
            postgres.address(),
            "a-name",
            new BackupSettings(
                Codec.LZ4, 2, 1 << 20, 1L << 30, true, Map.of(), Duration.ofSeconds(90)),
            new BackupProgress(() -> false));
  }

  private static Entry entry(Archive archive, Made made) throws Exception {
    return Catalogue.read(archive).find(made.id()).orElseThrow();
  }

  private static void completeFailed(CompletableFuture<?> future, Throwable failure) {
    if (failure != null) {
      future.completeExceptionally(failure);
    }
  }

  /** Something that may fail. */
  private interface Work {
    void run() throws Exception;
  }

  private static CompletableFuture<Void> inBackground(Work work) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                work.run();
                done.complete(null);
              } catch (Exception | Error e) {
                done.completeExceptionally(e);
              }
            });
    return done;
  }
}
