package dev.howdah.plugins.objectstore.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.store.Content;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.Download;
import dev.howdah.plugins.objectstore.store.ForwardingStore;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.store.Store;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WalRestorerTest {

  private static final String ONE = "000000010000000000000001";
  private static final String TWO = "000000010000000000000002";
  private static final String THREE = "000000010000000000000003";

  @TempDir Path scratch;

  private final WalArchiver archiver = new WalArchiver(new PartBuffers(2, 1 << 20));
  private Path root;
  private Path wal;
  private Path spool;
  private Path destination;
  private Archive archive;
  private WalRestorer restorer;

  @BeforeEach
  void open() throws Exception {
    root = Files.createDirectory(scratch.resolve("root"));
    wal = Files.createDirectory(scratch.resolve("wal"));
    spool = scratch.resolve("spool");
    destination = Files.createDirectory(scratch.resolve("pg_wal")).resolve("RECOVERYXLOG");
    archive = new Archive(DirectoryStore.open(root), new ArchiveLayout("main"));
    restorer = WalRestorer.open(spool, 2);
  }

  @AfterEach
  void close() {
    restorer.close();
  }

  @ParameterizedTest
  @EnumSource
  void aSegmentComesBackWhateverItsCodec(Codec codec) throws Exception {
    archive(ONE, codec, 1);

    restore(ONE, 0);

    assertThat(destination).hasBinaryContent(WalFiles.segment(ONE, WalFiles.SYSTEM, 1));
    assertOnlyDestination();
  }

  @Test
  void codecsMayBeMixedInOneArchive() throws Exception {
    archive(ONE, Codec.GZIP, 1);
    archive(TWO, Codec.NONE, 2);
    archive(THREE, Codec.SNAPPY, 3);

    for (String name : List.of(ONE, TWO, THREE, ONE)) {
      restore(name, 0);
      assertThat(destination)
          .hasBinaryContent(
              WalFiles.segment(name, WalFiles.SYSTEM, Integer.parseInt(name.substring(23))));
    }
  }

  @Test
  void whatTheStoreDoesNotHaveIsNotFoundAndLeavesNothing() throws Exception {
    assertThatThrownBy(() -> restore(ONE, 0))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND));
    assertThat(destination).doesNotExist();
    assertThat(destination.getParent()).isEmptyDirectory();
  }

  @Test
  void aPartialFileStandsInForTheWholeOne() throws Exception {
    byte[] bytes = WalFiles.segment(ONE, WalFiles.SYSTEM, 9);
    Path partial = Files.write(wal.resolve(ONE + ".partial"), bytes);
    archiver.archive(archive, settings(Codec.GZIP), partial);

    restore(ONE, 0);

    assertThat(destination).hasBinaryContent(bytes);
  }

  @Test
  void historyFilesComeBack() throws Exception {
    Path history = Files.writeString(wal.resolve("00000002.history"), "1\t0/3000000\tx\n");
    archiver.archive(archive, settings(Codec.BZIP2), history);

    restore("00000002.history", 2);

    assertThat(destination).hasContent("1\t0/3000000\tx\n");
  }

  @Test
  void followingSegmentsAreReadAhead() throws Exception {
    archive(ONE, Codec.NONE, 1);
    archive(TWO, Codec.NONE, 2);
    archive(THREE, Codec.NONE, 3);

    restore(ONE, 2);
    await().until(() -> spooled() == 2);
    // What was read ahead is served even if the archive is away by now.
    Files.move(root, scratch.resolve("away"));
    restore(TWO, 2);

    assertThat(destination).hasBinaryContent(WalFiles.segment(TWO, WalFiles.SYSTEM, 2));
    restore(THREE, 2);
    assertThat(destination).hasBinaryContent(WalFiles.segment(THREE, WalFiles.SYSTEM, 3));
  }

  @Test
  void whatWasMissingAheadIsLookedForAgain() throws Exception {
    archive(ONE, Codec.NONE, 1);
    restore(ONE, 1);
    archive(TWO, Codec.NONE, 2);

    restore(TWO, 1);

    assertThat(destination).hasBinaryContent(WalFiles.segment(TWO, WalFiles.SYSTEM, 2));
  }

  @Test
  void aJumpDropsWhatWasReadAhead() throws Exception {
    for (int i = 1; i <= 9; i++) {
      archive("00000001000000000000000" + i, Codec.NONE, i);
    }
    restore(ONE, 2);
    await().until(() -> spooled() == 2);

    restore("000000010000000000000007", 2);

    await().until(() -> spooled() == 2);
    restore("000000010000000000000008", 2);
    assertThat(destination)
        .hasBinaryContent(WalFiles.segment("000000010000000000000008", WalFiles.SYSTEM, 8));
  }

  @Test
  void whatIsDroppedAtItsVeryEndDoesNotStayInTheSpool() throws Exception {
    archive(ONE, Codec.NONE, 1);
    archive(TWO, Codec.NONE, 2);
    archive("000000010000000000000007", Codec.NONE, 7);
    AtItsEnd store =
        new AtItsEnd(archive.store(), archive.layout().wal(WalName.parse(TWO), Codec.NONE));
    archive = new Archive(store, archive.layout());

    try {
      restore(ONE, 1);
      assertThat(store.arrived.await(60, TimeUnit.SECONDS)).isTrue();
      restore("000000010000000000000007", 1);
    } finally {
      store.goOn.countDown();
    }

    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(() -> assertThat(spool).isEmptyDirectory());
  }

  @Test
  void aFileThatCannotBeWrittenIsNotTakenForDamageOfTheArchive() throws Exception {
    archive(ONE, Codec.GZIP, 1);
    // Writing to it is an I/O error, whoever writes.
    Path unfinished = destination.resolveSibling("RECOVERYXLOG.howdah-unfinished");
    Files.createSymbolicLink(unfinished, Path.of("/proc/self/mem"));

    assertThatThrownBy(() -> restore(ONE, 0))
        .isInstanceOf(IOException.class)
        .isNotInstanceOf(StoreException.class)
        .hasMessageContaining(unfinished.toString());

    assertThat(destination.getParent()).isEmptyDirectory();
    restore(ONE, 0);
    assertThat(destination).hasBinaryContent(WalFiles.segment(ONE, WalFiles.SYSTEM, 1));
  }

  @Test
  void aStoreThatIsAwayIsWaitedForAndNeverTakenForTheEndOfTheArchive() throws Exception {
    archive(ONE, Codec.NONE, 1);
    Path away = scratch.resolve("away");
    Files.move(root, away);
    CompletableFuture<Void> call =
        CompletableFuture.runAsync(
            () -> {
              try {
                restorer.restore(archive, order(ONE, 0, Optional.empty(), Duration.ofMinutes(1)));
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    await().during(Duration.ofMillis(300)).until(() -> !call.isDone());

    Files.move(away, root);

    assertThat(call).succeedsWithin(Duration.ofSeconds(20));
    assertThat(destination).exists();
  }

  @Test
  void aStoreThatStaysAwayIsUnavailable() throws Exception {
    Files.delete(root);

    assertThatThrownBy(() -> restore(ONE, 0))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNAVAILABLE));
  }

  @Test
  void aTruncatedSegmentIsRefused() throws Exception {
    byte[] half = java.util.Arrays.copyOf(WalFiles.segment(ONE, WalFiles.SYSTEM, 1), 500_000);
    archive
        .store()
        .put(
            archive.layout().wal(WalName.parse(ONE), Codec.NONE),
            Content.of(half),
            WriteOptions.CREATE);

    assertDamaged(ONE, Optional.empty(), "500000 bytes instead of 1048576");
  }

  @Test
  void aTruncatedCompressedSegmentIsRefused() throws Exception {
    archive(ONE, Codec.GZIP, 1);
    Path object = root.resolve(archive.layout().wal(WalName.parse(ONE), Codec.GZIP));
    Files.write(object, java.util.Arrays.copyOf(Files.readAllBytes(object), 1000));

    assertDamaged(ONE, Optional.empty(), "can't be decompressed");
  }

  @Test
  void aSegmentUnderAWrongNameIsRefused() throws Exception {
    archive
        .store()
        .put(
            archive.layout().wal(WalName.parse(ONE), Codec.NONE),
            Content.of(WalFiles.segment(TWO, WalFiles.SYSTEM, 1)),
            WriteOptions.CREATE);

    assertDamaged(ONE, Optional.empty(), "begins at 0/200000 instead of 0/100000");
  }

  @Test
  void aSegmentOfAnotherDatabaseIsRefused() throws Exception {
    archive(ONE, Codec.NONE, 1);

    assertDamaged(ONE, Optional.of("42"), "system identifier " + WalFiles.SYSTEM);
  }

  /** Keeps whoever reads one object from going on when he has all of it; interrupts don't help. */
  private static final class AtItsEnd extends ForwardingStore {
    private final CountDownLatch arrived = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private final String key;

    AtItsEnd(Store store, String key) {
      super(store);
      this.key = key;
    }

    @Override
    public Download read(String key, long offset, @Nullable String version) throws StoreException {
      Download download = super.read(key, offset, version);
      return key.equals(this.key)
          ? new Download(download.object(), waiting(download.content(), download.object().size()))
          : download;
    }

    private InputStream waiting(InputStream content, long size) {
      return new FilterInputStream(content) {
        private long position;

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          int read = super.read(bytes, offset, length);
          position += read;
          if (position == size) {
            arrived.countDown();
            awaitUninterruptibly();
          }
          return read;
        }
      };
    }

    private void awaitUninterruptibly() {
      while (true) {
        try {
          assertThat(goOn.await(60, TimeUnit.SECONDS)).isTrue();
          return;
        } catch (InterruptedException e) {
          // This is what the test is about.
        }
      }
    }
  }

  private void assertDamaged(String name, Optional<String> systemId, String words) {
    assertThatThrownBy(
            () -> restorer.restore(archive, order(name, 0, systemId, Duration.ofMillis(10))))
        .isInstanceOfSatisfying(
            PluginException.class,
            e -> assertThat(e.kind()).isEqualTo(PluginException.Kind.PRECONDITION))
        .hasMessageContaining(words);
    assertThat(destination.getParent()).isEmptyDirectory();
  }

  private void archive(String name, Codec codec, int seed) throws Exception {
    archiver.archive(archive, settings(codec), WalFiles.ready(wal, name, seed));
  }

  private static WalWriteSettings settings(Codec codec) {
    return new WalWriteSettings(codec, Map.of(), Map.of(), 1);
  }

  private void restore(String name, int ahead) throws Exception {
    restorer.restore(archive, order(name, ahead, Optional.empty(), Duration.ofMillis(10)));
  }

  private WalRestorer.Order order(
      String name, int ahead, Optional<String> systemId, Duration patience) {
    return new WalRestorer.Order(WalName.parse(name), destination, systemId, ahead, patience);
  }

  private long spooled() throws Exception {
    try (var files = Files.list(spool)) {
      return files.filter(file -> file.toFile().length() == WalFiles.SEGMENT).count();
    }
  }

  private void assertOnlyDestination() throws Exception {
    try (var files = Files.list(destination.getParent())) {
      assertThat(files).containsExactly(destination);
    }
  }
}
