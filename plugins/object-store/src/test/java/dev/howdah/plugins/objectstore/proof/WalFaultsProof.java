package dev.howdah.plugins.objectstore.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Archive.StoredWal;
import dev.howdah.plugins.objectstore.archive.Failures;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.proof.FaultyLink.Fault;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.store.S3Server;
import dev.howdah.plugins.objectstore.store.S3Settings;
import dev.howdah.plugins.objectstore.store.S3Store;
import dev.howdah.plugins.objectstore.store.StoredObject;
import dev.howdah.plugins.objectstore.wal.LookAhead;
import dev.howdah.plugins.objectstore.wal.WalArchiver;
import dev.howdah.plugins.objectstore.wal.WalFiles;
import dev.howdah.plugins.objectstore.wal.WalRestorer;
import dev.howdah.plugins.objectstore.wal.WalWriteSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * WAL is archived and restored through a link that fails, as PostgreSQL does it: the same file
 * again until it is acknowledged.
 */
class WalFaultsProof {

  private static final int SMALL = 12;
  private static final int BIG = 2;
  private static final int MOST_ATTEMPTS = 60;
  private static final S3Settings.Timeouts IMPATIENT =
      new S3Settings.Timeouts(
          Duration.ofSeconds(1), Duration.ofMillis(700), Duration.ofSeconds(5), 2);

  @TempDir Path scratch;

  private S3Server server;
  private FaultyLink link;
  private S3Store straight;
  private S3Store faulty;
  private Archive straightArchive;
  private Archive faultyArchive;
  private LookAhead archiver;
  private Path wal;

  @BeforeEach
  void open() throws Exception {
    server = S3Server.start();
    server.createBucket("backups");
    link = new FaultyLink(server.endpoint(), 7);
    S3Settings settings = S3Settings.of("backups", "pg", server.endpoint(), S3Server.CREDENTIALS);
    straight = S3Store.open(settings);
    faulty =
        S3Store.open(
            S3Settings.of("backups", "pg", link.endpoint(), S3Server.CREDENTIALS)
                .within(IMPATIENT));
    straightArchive = new Archive(straight, new ArchiveLayout("main"));
    faultyArchive = new Archive(faulty, new ArchiveLayout("main"));
    archiver = new LookAhead(new WalArchiver(new PartBuffers(4, 5 << 20)), 3);
    wal = Files.createDirectories(scratch.resolve("pg_wal"));
  }

  @AfterEach
  void close() throws Exception {
    archiver.close();
    faulty.close();
    straight.close();
    link.close();
    server.close();
  }

  @ParameterizedTest
  @EnumSource
  void whateverTheLinkDoesWhatIsAcknowledgedIsStoredBitForBit(Fault fault) throws Exception {
    for (int i = 1; i <= SMALL; i++) {
      WalFiles.ready(wal, name(i), i);
    }
    for (int i = SMALL + 1; i <= SMALL + BIG; i++) {
      WalFiles.ready(wal, name(i), WalFiles.dense(name(i), 8 << 20, i));
    }
    link.failWith(0.3, Set.of(fault));
    int refused = 0;
    for (int i = 1; i <= SMALL + BIG; i++) {
      Codec codec = i > SMALL ? Codec.GZIP : i % 2 == 0 ? Codec.NONE : Codec.ZSTD;
      refused += archiveUntilAcknowledged(wal.resolve(name(i)), codec, i % 4 == 0);
      assertStored(name(i));
    }
    assertThat(link.injected(fault)).isPositive();
    say(
        "archive, %s: %d files acknowledged and stored bit for bit; %d faults, %d refusals",
        fault, SMALL + BIG, link.injected(fault), refused);
  }

  @ParameterizedTest
  @EnumSource
  void whateverTheLinkDoesRestoringNeverTakesItForTheEndOfTheArchive(Fault fault) throws Exception {
    for (int i = 1; i <= SMALL; i++) {
      WalFiles.ready(wal, name(i), i);
      Codec codec = i % 3 == 0 ? Codec.GZIP : Codec.NONE;
      archiver.archive(straightArchive, settings(codec), wal.resolve(name(i)), false);
    }
    link.failWith(0.35, Set.of(fault));
    int refused = 0;
    Path destination = Files.createDirectory(scratch.resolve("restored")).resolve("RECOVERYXLOG");
    try (WalRestorer restorer = WalRestorer.open(scratch.resolve("spool"), 2)) {
      for (int i = 1; i <= SMALL; i++) {
        refused += restoreUntilThere(restorer, name(i), destination, i % 2 == 0 ? 2 : 0);
        assertThat(destination).hasBinaryContent(WalFiles.segment(name(i), WalFiles.SYSTEM, i));
        Files.delete(destination);
      }
    }
    assertThat(destination.getParent()).isEmptyDirectory();
    assertThat(link.injected(fault)).isPositive();
    say(
        "restore, %s: %d files restored bit for bit; %d faults, %d refusals, none of them"
            + " \"not found\"",
        fault, SMALL, link.injected(fault), refused);
  }

  @Test
  void withPatienceOneCallIsEnoughUnderAllFaultsAtOnce() throws Exception {
    for (int i = 1; i <= SMALL; i++) {
      WalFiles.ready(wal, name(i), i);
      archiver.archive(straightArchive, settings(Codec.ZSTD), wal.resolve(name(i)), false);
    }
    link.failWith(0.3, EnumSet.allOf(Fault.class));
    Path destination = Files.createDirectory(scratch.resolve("restored")).resolve("RECOVERYXLOG");
    try (WalRestorer restorer = WalRestorer.open(scratch.resolve("spool"), 2)) {
      for (int i = 1; i <= SMALL; i++) {
        restore(restorer, name(i), destination, 2, Duration.ofMinutes(5));
        assertThat(destination).hasBinaryContent(WalFiles.segment(name(i), WalFiles.SYSTEM, i));
      }
      Throwable end =
          catchThrowable(
              () -> restore(restorer, name(SMALL + 1), destination, 0, Duration.ofMinutes(5)));
      assertThat(kind((Exception) end)).isEqualTo(PluginException.Kind.NOT_FOUND);
    }
    say("restore, all faults at once: %d files, one call each, and then the real end", SMALL);
  }

  @Test
  void whileTheStoreIsGoneNothingIsAcknowledgedAndNothingIsMissing() throws Exception {
    WalFiles.ready(wal, name(1), 1);
    WalFiles.ready(wal, name(2), 2);
    archiver.archive(faultyArchive, settings(Codec.NONE), wal.resolve(name(1)), false);
    Path destination = Files.createDirectory(scratch.resolve("restored")).resolve("RECOVERYXLOG");
    link.cut();
    try (WalRestorer restorer = WalRestorer.open(scratch.resolve("spool"), 2)) {
      for (int i = 0; i < 3; i++) {
        Throwable archiving =
            catchThrowable(
                () ->
                    archiver.archive(
                        faultyArchive, settings(Codec.NONE), wal.resolve(name(2)), true));
        Throwable restoring =
            catchThrowable(() -> restore(restorer, name(1), destination, 2, Duration.ZERO));
        assertThat(kind((Exception) archiving)).isEqualTo(PluginException.Kind.UNAVAILABLE);
        assertThat(kind((Exception) restoring)).isEqualTo(PluginException.Kind.UNAVAILABLE);
        assertThat(destination).doesNotExist();
      }
      CompletableFuture<Void> patient =
          CompletableFuture.runAsync(
              () -> {
                try {
                  restore(restorer, name(1), destination, 2, Duration.ofMinutes(2));
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      link.repair();
      patient.get(2, TimeUnit.MINUTES);
      archiver.archive(faultyArchive, settings(Codec.NONE), wal.resolve(name(2)), true);
    }
    assertThat(destination).hasBinaryContent(WalFiles.segment(name(1), WalFiles.SYSTEM, 1));
    assertStored(name(2));
    say("a store that was gone: unavailable for both sides, and all well when it was back");
  }

  /** The variable names an empty directory on a file system of a few megabytes. */
  @Test
  @EnabledIfEnvironmentVariable(named = "HOWDAH_TEST_SMALL_DISK", matches = "/.+")
  void aFullDiskRefusesAndKeepsWhatItHas() throws Exception {
    Path disk = Path.of(System.getenv("HOWDAH_TEST_SMALL_DISK"));
    Archive small = new Archive(DirectoryStore.open(disk), new ArchiveLayout("main"));
    int stored = 0;
    Throwable full = null;
    while (full == null) {
      assertThat(stored).as("files on a small disk").isLessThan(200);
      String next = name(stored + 1);
      WalFiles.ready(wal, next, stored + 1);
      full =
          catchThrowable(
              () -> archiver.archive(small, settings(Codec.NONE), wal.resolve(next), true));
      stored += full == null ? 1 : 0;
    }
    assertThat(stored).isPositive();
    assertThat(kind((Exception) full)).isEqualTo(PluginException.Kind.UNAVAILABLE);
    assertThat(full).hasMessageContaining("no space left");
    assertThat(small.find(WalName.parse(name(stored + 1)))).isEmpty();
    for (int i = 1; i <= stored; i++) {
      assertThat(content(small, name(i))).isEqualTo(WalFiles.segment(name(i), WalFiles.SYSTEM, i));
    }
    try (var leftovers = Files.list(disk.resolve(".howdah-unfinished"))) {
      assertThat(leftovers).isEmpty();
    }
    small.store().delete(List.of(small.layout().wal(WalName.parse(name(1)), Codec.NONE)));
    archiver.archive(small, settings(Codec.NONE), wal.resolve(name(stored + 1)), true);
    assertThat(content(small, name(stored + 1)))
        .isEqualTo(WalFiles.segment(name(stored + 1), WalFiles.SYSTEM, stored + 1));
    say("a full disk: refused after %d files, all whole; a retry with room succeeds", stored);
    // The disk is for others as well.
    small.store().delete(small.store().list("main/").stream().map(StoredObject::key).toList());
  }

  private int archiveUntilAcknowledged(Path source, Codec codec, boolean ahead) throws Exception {
    for (int refused = 0; refused < MOST_ATTEMPTS; refused++) {
      try {
        archiver.archive(faultyArchive, settings(codec), source, ahead);
        return refused;
      } catch (IOException | PluginException e) {
        assertThat(kind(e)).as("%s", e).isEqualTo(PluginException.Kind.UNAVAILABLE);
      }
    }
    throw new AssertionError(source + " was never acknowledged");
  }

  private int restoreUntilThere(WalRestorer restorer, String name, Path destination, int ahead)
      throws Exception {
    for (int refused = 0; refused < MOST_ATTEMPTS; refused++) {
      try {
        restore(restorer, name, destination, ahead, Duration.ZERO);
        return refused;
      } catch (IOException | PluginException e) {
        assertThat(kind(e)).as("%s", e).isEqualTo(PluginException.Kind.UNAVAILABLE);
        assertThat(destination).doesNotExist();
      }
    }
    throw new AssertionError(name + " was never restored");
  }

  private void restore(
      WalRestorer restorer, String name, Path destination, int ahead, Duration patience)
      throws IOException {
    restorer.restore(
        faultyArchive,
        new WalRestorer.Order(WalName.parse(name), destination, Optional.empty(), ahead, patience));
  }

  /** As the operator gets to see it. */
  private static PluginException.Kind kind(Exception e) {
    return switch (e) {
      case PluginException failure -> failure.kind();
      case IOException failure -> Failures.translate("do it", failure).kind();
      default -> throw new AssertionError(e);
    };
  }

  private void assertStored(String name) throws Exception {
    assertThat(content(straightArchive, name)).isEqualTo(Files.readAllBytes(wal.resolve(name)));
  }

  private static byte[] content(Archive archive, String name) throws IOException {
    List<StoredWal> stored = archive.find(WalName.parse(name));
    assertThat(stored).hasSize(1);
    try (InputStream in =
        archive.open(stored.getFirst().object().key(), stored.getFirst().codec())) {
      return in.readAllBytes();
    }
  }

  private static WalWriteSettings settings(Codec codec) {
    return new WalWriteSettings(codec, Map.of(), Map.of(), 3);
  }

  private static String name(int number) {
    return "0000000100000000%08X".formatted(number);
  }

  private static void say(String format, Object... values) {
    System.out.println("object-store-faults: " + format.formatted(values));
  }
}
