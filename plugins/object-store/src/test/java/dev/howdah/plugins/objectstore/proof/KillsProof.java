package dev.howdah.plugins.objectstore.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Archive.StoredWal;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.postgres.LoadedDatabase;
import dev.howdah.plugins.objectstore.recovery.BackupVerification;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.wal.WalFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that archives, restores and backs up is killed with SIGKILL at random points. */
@Timeout(600)
class KillsProof {

  private static final int ARCHIVE_KILLS = 140;
  private static final int RESTORE_KILLS = 40;
  private static final int BACKUP_KILLS = 20;
  private static final int KILLED = 128 + 9;
  private static final List<Codec> CODECS = List.of(Codec.NONE, Codec.ZSTD, Codec.GZIP);

  @TempDir Path scratch;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final ExecutorService starter = Executors.newSingleThreadExecutor();
  private final List<StoreProcess> processes = new ArrayList<>();
  private Path root;
  private Path wal;
  private Archive archive;
  private Future<StoreProcess> next;
  private int started;

  @BeforeEach
  void open() throws Exception {
    root = Files.createDirectory(scratch.resolve("root"));
    wal = Files.createDirectories(scratch.resolve("pg_wal"));
    archive = new Archive(DirectoryStore.open(root), new ArchiveLayout("main"));
    next = starter.submit(this::start);
  }

  @AfterEach
  void close() throws Exception {
    starter.shutdownNow();
    starter.awaitTermination(30, TimeUnit.SECONDS);
    synchronized (processes) {
      processes.forEach(StoreProcess::close);
    }
  }

  // Each life has a spool of its own, since the next process starts before this one is killed.
  private StoreProcess start() throws IOException {
    int number = started++;
    StoreProcess process =
        StoreProcess.start(
            root, scratch.resolve("spool-" + number), CODECS.get(number % CODECS.size()));
    synchronized (processes) {
      processes.add(process);
    }
    return process;
  }

  private StoreProcess take() throws Exception {
    StoreProcess process = next.get(60, TimeUnit.SECONDS);
    next = starter.submit(this::start);
    return process;
  }

  @Test
  void whatWasAcknowledgedBeforeAKillIsStoredBitForBit() throws Exception {
    int archived = 0;
    int kills = 0;
    int foundStored = 0;
    mark(1, 4);
    while (kills < ARCHIVE_KILLS) {
      StoreProcess process = take();
      int first = archived;
      CountDownLatch warm = new CountDownLatch(1);
      CompletableFuture<Integer> acknowledged =
          inBackground(() -> archiveFrom(process, first, warm));
      awaitPoint(warm, 60_000);
      assertThat(process.kill()).isEqualTo(KILLED);
      kills++;
      archived = acknowledged.get(60, TimeUnit.SECONDS);
      for (int i = first + 1; i <= archived; i++) {
        assertStored(i);
      }
      // Whether the kill came before or after the unacknowledged file was stored, it is whole.
      if (!archive.find(WalName.parse(name(archived + 1))).isEmpty()) {
        assertStored(archived + 1);
        foundStored++;
      }
    }
    StoreProcess last = take();
    assertThat(last.archive(wal.resolve(name(archived + 1)))).as("a retry").isTrue();
    for (int i = 1; i <= archived + 1; i++) {
      assertStored(i);
    }
    assertThat(archived).as("acknowledged files").isGreaterThan(ARCHIVE_KILLS / 2);
    say(
        "archive: %d kills, %d files acknowledged, all stored bit for bit; %d were stored and not"
            + " acknowledged; seed %d",
        kills, archived, foundStored, seed);
  }

  private int archiveFrom(StoreProcess process, int first, CountDownLatch warm) throws IOException {
    int archived = first;
    mark(archived + 1, archived + 4);
    while (process.archive(wal.resolve(name(archived + 1)))) {
      warm.countDown();
      archived++;
      mark(archived + 4, archived + 4);
      // PostgreSQL recycles what is archived.
      Files.delete(wal.resolve("archive_status").resolve(name(archived) + ".ready"));
      Files.delete(wal.resolve(name(archived)));
    }
    return archived;
  }

  private void mark(int from, int to) throws IOException {
    for (int i = from; i <= to; i++) {
      if (!Files.exists(wal.resolve(name(i)))) {
        WalFiles.ready(wal, name(i), i);
      }
    }
  }

  @Test
  void aKillNeverLeavesHalfARestoredFile() throws Exception {
    int files = 16;
    StoreProcess writer = take();
    for (int i = 1; i <= files; i++) {
      WalFiles.ready(wal, name(i), i);
      assertThat(writer.archive(wal.resolve(name(i)))).isTrue();
    }
    Path folder = Files.createDirectory(scratch.resolve("restored"));
    int whole = 0;
    for (int kills = 0; kills < RESTORE_KILLS; kills++) {
      StoreProcess process = take();
      CountDownLatch warm = new CountDownLatch(1);
      CompletableFuture<Integer> restored =
          inBackground(
              () -> {
                int count = 0;
                while (count < files
                    && process.restore(name(count + 1), folder.resolve(name(count + 1)))) {
                  warm.countDown();
                  count++;
                }
                return count;
              });
      awaitPoint(warm, 150_000);
      assertThat(process.kill()).isEqualTo(KILLED);
      int acknowledged = restored.get(60, TimeUnit.SECONDS);
      for (int i = 1; i <= files; i++) {
        Path file = folder.resolve(name(i));
        assertThat(i <= acknowledged && !Files.exists(file)).as("missing %d", i).isFalse();
        if (Files.exists(file)) {
          assertThat(file).hasBinaryContent(WalFiles.segment(name(i), WalFiles.SYSTEM, i));
          Files.delete(file);
          whole++;
        }
      }
    }
    assertThat(whole).as("restored files").isGreaterThan(RESTORE_KILLS / 2);
    say("restore: %d kills, %d restored files, each whole; seed %d", RESTORE_KILLS, whole, seed);
  }

  @Test
  void aKilledBackupIsNeverOfferedUnlessItIsWhole() throws Exception {
    try (LoadedDatabase database = LoadedDatabase.start(archive, scratch.resolve("spool"))) {
      database.commit(500);
      long longest = 0;
      for (int i = 0; i < CODECS.size(); i++) {
        long began = System.nanoTime();
        assertThat(take().backUp(database.postgres().address())).isTrue();
        longest = Math.max(longest, System.nanoTime() - began);
      }
      int kills = 0;
      int acknowledgements = 0;
      Set<String> seen = new HashSet<>();
      while (kills < BACKUP_KILLS) {
        StoreProcess process = take();
        CompletableFuture<Boolean> backup =
            inBackground(() -> process.backUp(database.postgres().address()));
        database.commit(20);
        pause((int) (random.nextDouble() * longest / 1000));
        assertThat(process.kill()).isEqualTo(KILLED);
        kills++;
        acknowledgements += outcome(backup);
        assertOfferedAreWhole(seen);
      }
      database.commit(100);
      assertThat(retried(database)).as("a retry").isTrue();
      assertOfferedAreWhole(seen);
      database.commit(100);
      database.postgres().awaitArchived();
      Catalogue catalogue = Catalogue.read(archive);
      assertThat(database.recovered(catalogue.restorable().getLast(), Map.of()))
          .isEqualTo(database.log());
      say(
          "backup: %d kills, %d of them after the acknowledgement; %d backups offered, each whole,"
              + " %d broken ones never offered; the last recovered with all %d rows; seed %d",
          kills,
          acknowledgements,
          seen.size(),
          catalogue.leftovers().size(),
          database.log().size(),
          seed);
    }
  }

  // A start within the second of the former one is refused, which is no acknowledgement either.
  private static int outcome(CompletableFuture<Boolean> backup) throws Exception {
    try {
      return backup.get(60, TimeUnit.SECONDS) ? 1 : 0;
    } catch (ExecutionException e) {
      assertThat(e).hasMessageContaining("in this very second");
      return 0;
    }
  }

  private boolean retried(LoadedDatabase database) throws Exception {
    StoreProcess process = take();
    for (int attempt = 0; attempt < 10; attempt++) {
      try {
        return process.backUp(database.postgres().address());
      } catch (IOException e) {
        assertThat(e).hasMessageContaining("in this very second");
        pause(300_000);
      }
    }
    return false;
  }

  private void assertOfferedAreWhole(Set<String> seen) throws IOException {
    for (Entry offered : Catalogue.read(archive).restorable()) {
      if (seen.add(offered.id())) {
        assertThat(BackupVerification.of(archive, offered).problems()).as(offered.id()).isEmpty();
      }
    }
  }

  private void assertStored(int number) throws IOException {
    List<StoredWal> stored = archive.find(WalName.parse(name(number)));
    assertThat(stored).as(name(number)).hasSize(1);
    try (InputStream in =
        archive.open(stored.getFirst().object().key(), stored.getFirst().codec())) {
      assertThat(in.readAllBytes())
          .isEqualTo(WalFiles.segment(name(number), WalFiles.SYSTEM, number));
    }
  }

  private static <T> CompletableFuture<T> inBackground(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                result.complete(work.call());
              } catch (Exception | Error e) {
                result.completeExceptionally(e);
              }
            });
    return result;
  }

  /**
   * The random point at which the process is killed: mostly some time after its first
   * acknowledgement, since the first call takes as long as many others.
   */
  private void awaitPoint(CountDownLatch warm, int mostMicros) throws InterruptedException {
    if (random.nextInt(4) > 0) {
      assertThat(warm.await(60, TimeUnit.SECONDS)).isTrue();
    }
    pause(random.nextInt(mostMicros));
  }

  private static void pause(int micros) throws InterruptedException {
    TimeUnit.MICROSECONDS.sleep(micros);
  }

  private static String name(int number) {
    return "00000001%08X%08X".formatted(number >> 12, number & 0xFFF);
  }

  private static void say(String format, Object... values) {
    System.out.println("object-store-kills: " + format.formatted(values));
  }
}
