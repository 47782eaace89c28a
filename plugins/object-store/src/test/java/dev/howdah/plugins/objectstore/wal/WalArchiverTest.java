package dev.howdah.plugins.objectstore.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.wal.WalArchiver.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WalArchiverTest {

  private static final String ONE = "000000010000000000000001";
  private static final String TWO = "000000010000000000000002";
  private static final String THREE = "000000010000000000000003";

  @TempDir Path root;
  @TempDir Path wal;

  // Smaller than a compressed segment, so that files go in parts, too.
  private final WalArchiver archiver = new WalArchiver(new PartBuffers(4, 100_000));
  private Archive archive;

  @BeforeEach
  void openArchive() throws Exception {
    archive = new Archive(DirectoryStore.open(root), new ArchiveLayout("main"));
  }

  @ParameterizedTest
  @EnumSource
  void aSegmentIsStoredUnderItsNameWithTheCodecsSuffix(Codec codec) throws Exception {
    Path source = WalFiles.ready(wal, ONE, 1);

    assertThat(archiver.archive(archive, compressed(codec), source)).isEqualTo(Outcome.STORED);

    String key = "main/wals/0000000100000000/" + ONE + codec.suffix();
    try (InputStream in = archive.open(key, codec)) {
      assertThat(in.readAllBytes()).isEqualTo(Files.readAllBytes(source));
    }
  }

  @Test
  void theSameFileMayComeAgainEvenAfterTheCodecChanged() throws Exception {
    Path source = WalFiles.ready(wal, ONE, 1);
    archiver.archive(archive, compressed(Codec.GZIP), source);

    assertThat(archiver.archive(archive, compressed(Codec.GZIP), source))
        .isEqualTo(Outcome.ALREADY_STORED);
    assertThat(archiver.archive(archive, compressed(Codec.ZSTD), source))
        .isEqualTo(Outcome.ALREADY_STORED);
    assertThat(archive.find(WalName.parse(ONE))).hasSize(1);
  }

  @Test
  void anotherFileOfTheSameNameIsRefusedAndTheFirstStays() throws Exception {
    byte[] first = Files.readAllBytes(WalFiles.ready(wal, ONE, 1));
    archiver.archive(archive, WalWriteSettings.DEFAULT, wal.resolve(ONE));
    WalFiles.ready(wal, ONE, 2);

    assertRefused(
        () -> archiver.archive(archive, compressed(Codec.LZ4), wal.resolve(ONE)),
        "another file named " + ONE);
    try (InputStream in = archive.open("main/wals/0000000100000000/" + ONE, Codec.NONE)) {
      assertThat(in.readAllBytes()).isEqualTo(first);
    }
  }

  @Test
  void historyPartialAndBackupFilesGoTheSameWay() throws Exception {
    for (String name : List.of("00000002.history", TWO + ".partial", TWO + ".00000028.backup")) {
      Files.writeString(wal.resolve(name), "content of " + name);
      archiver.archive(archive, compressed(Codec.GZIP), wal.resolve(name));
      assertThat(archive.find(WalName.parse(name))).hasSize(1);
    }
  }

  @Test
  void ofTwoWithDifferentContentAtOnceExactlyOneWins() throws Exception {
    Path other = Files.createDirectory(wal.resolve("other"));
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 1; round <= 50; round++) {
        String name = "0000000100000001%08X".formatted(round);
        Path mine = WalFiles.ready(wal, name, round);
        Path theirs = WalFiles.ready(other, name, -round);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> won = new ArrayList<>();
        for (Path source : List.of(mine, theirs)) {
          won.add(
              threads.submit(
                  () -> {
                    start.await();
                    try {
                      archiver.archive(archive, WalWriteSettings.DEFAULT, source);
                      return true;
                    } catch (PluginException e) {
                      assertThat(e.kind()).isEqualTo(PluginException.Kind.PRECONDITION);
                      return false;
                    }
                  }));
        }
        start.countDown();
        assertThat(won.get(0).get()).isNotEqualTo(won.get(1).get());
      }
    }
  }

  @Test
  void segmentsMarkedReadyAreSentAhead() throws Exception {
    WalFiles.ready(wal, ONE, 1);
    WalFiles.ready(wal, TWO, 2);
    WalFiles.ready(wal, THREE, 3);
    WalWriteSettings two = new WalWriteSettings(Codec.NONE, Map.of(), Map.of(), 2);
    try (LookAhead ahead = new LookAhead(archiver, 2)) {
      ahead.archive(archive, two, wal.resolve(ONE), true);

      await().until(() -> archive.find(WalName.parse(TWO)).size() == 1);
      assertThat(archive.find(WalName.parse(THREE))).isEmpty();
      ahead.archive(archive, two, wal.resolve(TWO), true);
      await().until(() -> archive.find(WalName.parse(THREE)).size() == 1);
    }
  }

  @Test
  void aFailureAheadDoesNotFailTheAskedFile() throws Exception {
    WalFiles.ready(wal, ONE, 1);
    WalFiles.ready(wal, TWO, 2);
    Files.delete(wal.resolve(TWO));
    WalWriteSettings two = new WalWriteSettings(Codec.NONE, Map.of(), Map.of(), 2);
    try (LookAhead ahead = new LookAhead(archiver, 2)) {
      ahead.archive(archive, two, wal.resolve(ONE), true);

      assertThat(archive.find(WalName.parse(ONE))).hasSize(1);
      WalFiles.ready(wal, TWO, 2);
      ahead.archive(archive, two, wal.resolve(TWO), true);
      assertThat(archive.find(WalName.parse(TWO))).hasSize(1);
    }
  }

  @Test
  void whatIsArchivedDoesNotStayInThePageCache() throws Exception {
    Path source = WalFiles.ready(wal, ONE, 1);
    try (FileChannel file = FileChannel.open(source, StandardOpenOption.WRITE)) {
      // As PostgreSQL has done before it marks a segment ready.
      file.force(true);
    }
    assumeThat(Files.getFileStore(source).type())
        .as("File systems in memory have nowhere else to keep a file.")
        .isNotIn("tmpfs", "ramfs");
    assumeThat(cached(source))
        .as("Where the kernel had no room for the file, there is nothing to let go.")
        .isTrue();

    archiver.archive(archive, WalWriteSettings.DEFAULT, source);

    assertThat(cached(source)).isFalse();
  }

  private static boolean cached(Path path) throws Exception {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
        Arena arena = Arena.ofConfined()) {
      return file.map(FileChannel.MapMode.READ_ONLY, 0, file.size(), arena).isLoaded();
    }
  }

  @Test
  void namesThatAreNotWalAreRefused() throws Exception {
    Path odd = Files.writeString(wal.resolve("notes.txt"), "x");

    assertThatThrownBy(() -> archiver.archive(archive, WalWriteSettings.DEFAULT, odd))
        .isInstanceOfSatisfying(
            PluginException.class,
            e -> assertThat(e.kind()).isEqualTo(PluginException.Kind.INVALID));
  }

  @Test
  void anEmptyArchiveIsAnyonesToBegin() throws Exception {
    WalFiles.ready(wal, ONE, 1);

    assertThatCode(() -> EmptyArchiveCheck.check(archive, wal.resolve(ONE)))
        .doesNotThrowAnyException();
  }

  @Test
  void theArchiveOfAnotherDatabaseIsRefusedWithBothIdentifiers() throws Exception {
    Files.write(wal.resolve(TWO), WalFiles.segment(TWO, 42, 1));
    archiver.archive(archive, compressed(Codec.GZIP), wal.resolve(TWO));
    WalFiles.ready(wal, ONE, 1);

    assertRefused(
        () -> EmptyArchiveCheck.check(archive, wal.resolve(ONE)),
        "system identifier 42",
        String.valueOf(WalFiles.SYSTEM));
    assertRefused(() -> EmptyArchiveCheck.check(archive, "43"), "system identifier 42");
    assertThatCode(() -> EmptyArchiveCheck.check(archive, "42")).doesNotThrowAnyException();
  }

  @Test
  void aDatabaseMayGoOnInItsOwnArchiveButNotBehindIt() throws Exception {
    WalFiles.ready(wal, TWO, 1);
    archiver.archive(archive, WalWriteSettings.DEFAULT, wal.resolve(TWO));
    WalFiles.ready(wal, ONE, 1);
    String promoted = "000000020000000000000002";
    WalFiles.ready(wal, promoted, 1);

    EmptyArchiveCheck.check(archive, wal.resolve(TWO));
    EmptyArchiveCheck.check(archive, wal.resolve(promoted));
    assertRefused(() -> EmptyArchiveCheck.check(archive, wal.resolve(ONE)), "newer than " + ONE);
  }

  @Test
  void theInventoryNamesTheOldestAndTheNewestSegment() throws Exception {
    assertThat(WalInventory.read(archive).first()).isEmpty();
    for (String name : List.of(TWO, THREE, "000000020000000100000007")) {
      WalFiles.ready(wal, name, 1);
      archiver.archive(archive, compressed(Codec.ZSTD), wal.resolve(name));
    }
    Files.writeString(wal.resolve("00000002.history"), "1\t0/3000000\tx\n");
    archiver.archive(archive, compressed(Codec.ZSTD), wal.resolve("00000002.history"));

    WalInventory inventory = WalInventory.read(archive);
    assertThat(inventory.first()).contains(TWO);
    assertThat(inventory.last()).contains("000000020000000100000007");
    assertThat(archive.newestTimeline()).isEqualTo(2);
    assertThat(archive.history(2).ancestors()).hasSize(1);
  }

  private static WalWriteSettings compressed(Codec codec) {
    return new WalWriteSettings(codec, Map.of(), Map.of(), 1);
  }

  private interface Call {
    void run() throws IOException;
  }

  private static void assertRefused(Call call, String... words) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            PluginException.class,
            e -> assertThat(e.kind()).isEqualTo(PluginException.Kind.PRECONDITION))
        .hasMessageContainingAll(words);
  }
}
