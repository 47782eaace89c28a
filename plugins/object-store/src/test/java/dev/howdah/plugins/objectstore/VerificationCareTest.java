package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.VerificationRecord;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.BackupId;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.StoredObject;
import dev.howdah.plugins.objectstore.wal.WalFiles;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which backup is verified when, and what of the WAL is read with it. */
class VerificationCareTest {

  private static final Duration WEEK = Duration.ofDays(7);
  private static final CallContext CLUSTER =
      CallContext.of("{'metadata': {'name': 'orders', 'namespace': 'shop'}, 'spec': {}}");

  @TempDir Path root;
  @TempDir Path scratch;

  private final List<AuditEvent> published = new CopyOnWriteArrayList<>();
  private final TestClock clock = new TestClock();
  private Archive archive;
  private VerificationCare care;

  private static final class TestClock extends Clock {
    private volatile Instant now = Instant.parse("2026-06-01T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }

  @BeforeEach
  void open() throws Exception {
    archive = new Archive(DirectoryStore.open(root), new ArchiveLayout("main"));
    care = new VerificationCare(clock, published::add, 1L << 40, Optional.empty());
  }

  @AfterEach
  void close() {
    care.close();
  }

  @Test
  void theNewestThatNeverWasComesFirstAndThenTheOneThatWasVerifiedLongestAgo() throws Exception {
    String old = backup(1);
    pass(Duration.ofDays(1));
    String recent = backup(2);
    wal(1, 3);

    assertThat(verified()).isEqualTo(recent);
    assertThat(isDue()).isFalse();
    pass(WEEK);
    assertThat(verified()).isEqualTo(old);
    pass(WEEK);
    assertThat(verified()).isEqualTo(recent);
    pass(WEEK.minusSeconds(1));
    assertThat(isDue()).isFalse();
  }

  @Test
  void walIsFollowedFromWhereTheLastVerificationStopped() throws Exception {
    String first = backup(1);
    wal(1, 4);
    verified();
    assertThat(record(first).walUpTo()).contains(name(4));

    Files.delete(file(2));
    pass(WEEK);
    String second = backup(5);
    wal(5, 8);
    verified();

    assertThat(record(second).walProblems()).isEmpty();
    assertThat(record(second).walUpTo()).contains(name(8));
  }

  @Test
  void aBreakIsFoundAgainUntilNoBackupFromBeforeItIsLeft() throws Exception {
    String first = backup(1);
    wal(1, 6);
    Files.delete(file(4));
    verified();
    assertThat(record(first).sound()).isTrue();
    assertThat(record(first).walProblems()).containsExactly("WAL " + name(4) + " is missing");
    assertThat(record(first).walUpTo()).contains(name(3));

    pass(WEEK);
    String second = backup(7);
    wal(7, 8);
    verified();
    assertThat(record(second).sound()).isTrue();
    assertThat(record(second).walProblems()).hasSize(1);

    deleteBackup(first);
    pass(WEEK);
    verified();
    assertThat(record(second).walProblems()).isEmpty();
    assertThat(record(second).walUpTo()).contains(name(8));
  }

  @Test
  void withAScratchDirectoryTheBackupIsRestoredToo() throws Exception {
    String id = backup(1);
    wal(1, 1);
    care.close();
    care = new VerificationCare(clock, published::add, 1L << 40, Optional.of(scratch));

    verified();

    assertThat(record(id).restored()).isTrue();
    assertThat(record(id).problems()).isEmpty();
    assertThat(published.getLast().details()).containsEntry("restored", "true");
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void whatCouldNotBeVerifiedIsTriedAgainSomeHoursLater() throws Exception {
    String id = backup(1);
    wal(1, 1);
    Path inTheWay = Files.createFile(scratch.resolve("file"));
    care.close();
    care = new VerificationCare(clock, published::add, 1L << 40, Optional.of(inTheWay));

    assertThat(isDue()).isTrue();
    assertThat(published).isEmpty();
    Files.delete(inTheWay);
    pass(Duration.ofHours(1));
    assertThat(isDue()).isFalse();
    pass(Duration.ofHours(5));
    assertThat(verified()).isEqualTo(id);
  }

  private void pass(Duration time) {
    clock.now = clock.now.plus(time);
  }

  /** Verifies what is due, and says what it was. */
  private String verified() throws Exception {
    assertThat(isDue()).isTrue();
    return published.getLast().details().get("backup");
  }

  /** Has a verification begun if it is time, and waits for its end. */
  private boolean isDue() throws Exception {
    CountDownLatch ended = new CountDownLatch(1);
    boolean begun =
        care.consider(CLUSTER.cluster(), archive, Catalogue.read(archive), WEEK, ended::countDown);
    assertThat(!begun || ended.await(60, TimeUnit.SECONDS)).isTrue();
    return begun;
  }

  private VerificationRecord record(String id) throws Exception {
    return VerificationRecord.read(archive, Catalogue.read(archive).find(id).orElseThrow())
        .orElseThrow();
  }

  private static String name(int segment) {
    return new WalSegment(1, segment).name(WalFiles.SEGMENT);
  }

  private Path file(int segment) {
    return root.resolve("main/wals/0000000100000000/" + name(segment));
  }

  private void wal(int first, int last) throws Exception {
    for (int segment = first; segment <= last; segment++) {
      Files.createDirectories(file(segment).getParent());
      Files.write(file(segment), WalFiles.sound(name(segment), WalFiles.SYSTEM));
    }
  }

  private void deleteBackup(String id) throws Exception {
    archive
        .store()
        .delete(
            archive.store().list(archive.layout().backup(id)).stream()
                .map(StoredObject::key)
                .toList());
  }

  /** As Barman would have made it, in one segment. */
  private String backup(int segment) throws Exception {
    String id = BackupId.at(clock.now);
    Path folder = Files.createDirectories(root.resolve("main/base/" + id));
    try (OutputStream out = Files.newOutputStream(folder.resolve("data.tar"));
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      Map<String, byte[]> files =
          Map.of(
              "./PG_VERSION",
              "16\n".getBytes(StandardCharsets.UTF_8),
              "backup_label",
              "label".getBytes(StandardCharsets.UTF_8),
              "global/pg_control",
              ByteBuffer.allocate(8)
                  .order(ByteOrder.nativeOrder())
                  .putLong(WalFiles.SYSTEM)
                  .array());
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
    long start = segment * WalFiles.SEGMENT;
    Files.write(
        folder.resolve("backup.info"),
        BackupInfo.builder()
            .put("status", "DONE")
            .put("begin_time", clock.now)
            .put("end_time", clock.now.plusSeconds(60))
            .put("begin_wal", name(segment))
            .put("end_wal", name(segment))
            .put("begin_xlog", new Lsn(start + 40))
            .put("end_xlog", new Lsn(start + 64))
            .put("timeline", 1)
            .put("systemid", Long.toUnsignedString(WalFiles.SYSTEM))
            .put("xlog_segment_size", WalFiles.SEGMENT)
            .put("version", 160004)
            .build()
            .toBytes());
    return id;
  }
}
