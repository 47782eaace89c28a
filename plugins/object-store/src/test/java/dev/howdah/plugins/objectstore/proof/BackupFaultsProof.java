package dev.howdah.plugins.objectstore.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.backup.BackupProgress;
import dev.howdah.plugins.objectstore.backup.BackupSettings;
import dev.howdah.plugins.objectstore.backup.BaseBackup;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.postgres.LoadedDatabase;
import dev.howdah.plugins.objectstore.proof.FaultyLink.Fault;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.recovery.BackupRestore.Destination;
import dev.howdah.plugins.objectstore.recovery.BackupVerification;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.S3Server;
import dev.howdah.plugins.objectstore.store.S3Settings;
import dev.howdah.plugins.objectstore.store.S3Store;
import dev.howdah.plugins.objectstore.store.StoredObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

/** A real PostgreSQL is backed up and restored through a link that fails. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(600)
class BackupFaultsProof {

  private static final int MOST_ATTEMPTS = 40;
  // One request in twenty, and none is sent twice: about every second backup fails.
  private static final double SHARE = 0.05;
  private static final S3Settings.Timeouts IMPATIENT =
      new S3Settings.Timeouts(
          Duration.ofSeconds(1), Duration.ofMillis(700), Duration.ofSeconds(5), 1);

  @TempDir static Path spool;

  private S3Server server;
  private FaultyLink link;
  private S3Store straightStore;
  private S3Store faultyStore;
  private Archive straight;
  private Archive faulty;
  private LoadedDatabase database;
  private int seconds;

  @BeforeAll
  void start() throws Exception {
    server = S3Server.start();
    server.createBucket("backups");
    link = new FaultyLink(server.endpoint(), 11);
    straightStore =
        S3Store.open(S3Settings.of("backups", "pg", server.endpoint(), S3Server.CREDENTIALS));
    faultyStore =
        S3Store.open(
            S3Settings.of("backups", "pg", link.endpoint(), S3Server.CREDENTIALS)
                .within(IMPATIENT));
    straight = new Archive(straightStore, new ArchiveLayout("main"));
    faulty = new Archive(faultyStore, new ArchiveLayout("main"));
    database = LoadedDatabase.start(straight, spool);
    database.commit(2000);
  }

  @AfterAll
  void stop() throws Exception {
    if (database != null) {
      database.close();
    }
    faultyStore.close();
    straightStore.close();
    link.close();
    server.close();
  }

  @Test
  void noBrokenBackupIsOfferedAndARetrySucceeds() throws Exception {
    Set<String> made = new HashSet<>();
    int failed = 0;
    for (Fault fault : Fault.values()) {
      link.failWith(SHARE, Set.of(fault));
      boolean succeeded = false;
      for (int attempt = 0;
          attempt < MOST_ATTEMPTS && !(succeeded && link.injected(fault) > 0);
          attempt++) {
        database.commit(10);
        try {
          made.add(backUp(faulty, attempt % 2 == 0 ? Codec.NONE : Codec.GZIP));
          succeeded = true;
        } catch (PluginException e) {
          failed++;
        }
      }
      assertThat(succeeded).as("a retry under %s", fault).isTrue();
      assertThat(link.injected(fault)).isPositive();
    }
    link.failWith(0, Set.of());
    assertThat(failed).isPositive();

    Catalogue catalogue = Catalogue.read(straight);
    assertThat(catalogue.restorable()).extracting(Entry::id).containsAll(made);
    for (Entry offered : catalogue.restorable()) {
      assertThat(BackupVerification.of(straight, offered).problems())
          .as(offered.id() + ", acknowledged: " + made.contains(offered.id()))
          .isEmpty();
    }
    database.postgres().awaitArchived();
    assertThat(database.recovered(catalogue.restorable().getLast(), Map.of()))
        .isEqualTo(database.log());
    say(
        "backup: %d made, %d failed; %d offered, each sound; the last recovered with all %d rows",
        made.size(), failed, catalogue.restorable().size(), database.log().size());
    restoreUnderFaults(catalogue.restorable().getLast());
  }

  private void restoreUnderFaults(Entry backup) throws Exception {
    int restored = 0;
    int failed = 0;
    Path last = null;
    for (Fault fault : Fault.values()) {
      link.failWith(0.2, Set.of(fault));
      Path data = database.directory().resolve("data");
      boolean succeeded = false;
      for (int attempt = 0; attempt < MOST_ATTEMPTS && !succeeded; attempt++) {
        try {
          // Into the same directory each time: leftovers are the plugin's to clear away.
          BackupRestore.restore(
              faulty, backup, new Destination(data, Optional.empty(), Map.of(), 2));
          succeeded = true;
          restored++;
        } catch (IOException e) {
          failed++;
        }
      }
      assertThat(succeeded).as("a retry under %s", fault).isTrue();
      last = data;
    }
    link.failWith(0, Set.of());
    assertThat(database.recovered(last, Map.of())).isEqualTo(database.log());
    say("restore: %d made, %d failed attempts; the last recovered with all rows", restored, failed);
  }

  /** The variable names an empty directory on a file system of a few megabytes. */
  @Test
  @EnabledIfEnvironmentVariable(named = "HOWDAH_TEST_SMALL_DISK", matches = "/.+")
  void aBackupThatDoesNotFitFailsAndLeavesOnlyItsReason() throws Exception {
    Archive small =
        new Archive(
            DirectoryStore.open(Path.of(System.getenv("HOWDAH_TEST_SMALL_DISK"))),
            new ArchiveLayout("backup"));
    PluginException failure = null;
    try {
      backUp(small, Codec.NONE);
    } catch (PluginException e) {
      failure = e;
    }
    assertThat(failure).isNotNull().hasMessageContaining("no space left");
    assertThat(small.store().list("backup/"))
        .extracting(StoredObject::name)
        .containsExactly("backup.info");
    assertThat(Catalogue.read(small).restorable()).isEmpty();
    say("a full disk: the backup fails and leaves only its backup.info, which says why");
  }

  // Ids have no more than seconds, and attempts are quicker than that.
  private String backUp(Archive archive, Codec codec) {
    seconds++;
    BackupSettings settings =
        new BackupSettings(codec, 2, 5 << 20, 1L << 30, true, Map.of(), Duration.ofSeconds(60));
    return new BaseBackup(Clock.offset(Clock.systemUTC(), Duration.ofSeconds(seconds)))
        .make(
            archive,
            database.postgres().address(),
            "under-faults",
            settings,
            new BackupProgress(() -> false))
        .id();
  }

  private static void say(String format, Object... values) {
    System.out.println("object-store-faults: " + format.formatted(values));
  }
}
