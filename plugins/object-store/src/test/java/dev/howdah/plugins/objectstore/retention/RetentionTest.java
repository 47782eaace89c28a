package dev.howdah.plugins.objectstore.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.FirstRequiredWal;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.archive.VerificationRecord;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.BackupId;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.Doomed;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.DoomedWal;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.Rule;
import dev.howdah.plugins.objectstore.retention.RetentionPolicy.Counting;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {

  private static final Instant NOW = Instant.parse("2026-06-30T00:00:00Z");
  private static final long SEGMENT = 16 << 20;
  private static final String SYSTEM = "7000";

  @TempDir Path root;

  private Archive archive;

  @BeforeEach
  void open() throws Exception {
    archive = new Archive(DirectoryStore.open(root), new ArchiveLayout("main"));
  }

  @Test
  void backupsAreKeptUpToTheFirstThatEndedBeforeTheWindow() throws Exception {
    String tooOld = backup(40, 10, "DONE");
    String covers = backup(20, 20, "DONE");
    String inside = backup(5, 30, "DONE");
    wal(1, 5, 40);

    RetentionPlan plan = plan("7d", 1);

    assertThat(ids(plan)).containsExactly(inside, covers);
    assertThat(plan.backups()).containsExactly(new Doomed(tooOld, Rule.OUTSIDE_WINDOW));
    assertThat(plan.wal())
        .extracting(DoomedWal::name)
        .startsWith("000000010000000000000005")
        .endsWith("000000010000000000000013")
        .hasSize(15);
  }

  @Test
  void walIsNeverDeletedFromTheFirstRequiredSegmentOn() throws Exception {
    backup(40, 10, "DONE");
    backup(20, 20, "DONE");
    backup(5, 30, "DONE");
    wal(1, 5, 40);
    wal(2, 5, 40);

    FirstRequiredWal.record(archive, segment("000000010000000000000009"));

    assertThat(plan("7d", 1).wal())
        .extracting(DoomedWal::name)
        .contains("000000010000000000000008", "000000020000000000000008")
        .hasSize(8);
    // What backups need stays even if nobody else requires it.
    FirstRequiredWal.record(archive, segment("000000010000000000000028"));
    assertThat(plan("7d", 1).wal()).hasSize(30);
  }

  @Test
  void anUnreadableFirstRequiredSegmentStopsAllDeletion() throws Exception {
    backup(40, 10, "DONE");
    backup(20, 20, "DONE");
    wal(1, 5, 40);
    Files.writeString(root.resolve("main/howdah-first-required-wal"), "the fifth");

    assertThatThrownBy(() -> plan("7d", 1))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("howdah-first-required-wal");
  }

  private static WalName.Segment segment(String name) {
    return (WalName.Segment) WalName.parse(name);
  }

  @Test
  void theMinimumRedundancyKeepsMoreThanTheWindowNeeds() throws Exception {
    backup(60, 10, "DONE");
    String second = backup(40, 20, "DONE");
    String third = backup(20, 30, "DONE");
    wal(1, 10, 40);

    assertThat(ids(plan("1d", 2))).containsExactly(third, second);
  }

  @Test
  void theLastRestorableBackupStaysHoweverOldItIs() throws Exception {
    String only = backup(400, 10, "DONE");
    wal(1, 10, 12);

    RetentionPlan plan = plan("1d", 1);

    assertThat(ids(plan)).containsExactly(only);
    assertThat(plan.isEmpty()).isTrue();
  }

  @Test
  void aBackupWhoseWalOrArchiveIsMissingNeitherCoversTheWindowNorCounts() throws Exception {
    String whole = backup(40, 10, "DONE");
    String withoutWal = backup(20, 50, "DONE");
    String withoutData = backup(10, 30, "DONE");
    Files.delete(root.resolve("main/base/" + withoutData + "/data.tar"));
    wal(1, 10, 40);

    RetentionPlan plan = plan("7d", 1);

    assertThat(ids(plan)).containsExactly(withoutData, withoutWal, whole);
    assertThat(plan.isEmpty()).isTrue();
    assertThat(plan.remarks())
        .anyMatch(remark -> remark.contains(withoutData))
        .anyMatch(remark -> remark.contains(withoutWal));
  }

  @Test
  void backupsThatWereNeverVerifiedDontCountAndTheOlderOnesAreHeldAndReported() throws Exception {
    String oldest = backup(60, 10, "DONE");
    String older = backup(40, 20, "DONE");
    String covers = backup(20, 30, "DONE");
    wal(1, 10, 40);

    RetentionPlan plan = plan("7d", 1, Counting.VERIFIED);

    assertThat(plan.isEmpty()).isTrue();
    assertThat(ids(plan)).containsExactly(covers, older, oldest);
    assertThat(plan.held()).containsExactly(older, oldest);
    assertThat(plan.remarks())
        .singleElement()
        .asString()
        .startsWith("2 backups, " + older + " the newest of them, stay only because");
  }

  @Test
  void asManyAsTheMinimumRedundancyMustHaveBeenFoundSound() throws Exception {
    String oldest = backup(60, 10, "DONE");
    String older = backup(40, 20, "DONE");
    String covers = backup(20, 30, "DONE");
    String newest = backup(5, 35, "DONE");
    wal(1, 10, 40);
    verified(newest, true);

    RetentionPlan one = plan("7d", 1, Counting.VERIFIED);
    assertThat(ids(one)).containsExactly(newest, covers);
    assertThat(one.held()).isEmpty();
    assertThat(one.remarks()).isEmpty();

    assertThat(plan("7d", 2, Counting.VERIFIED).held()).containsExactly(older, oldest);
    verified(older, true);
    RetentionPlan two = plan("7d", 2, Counting.VERIFIED);
    assertThat(ids(two)).containsExactly(newest, covers, older);
    assertThat(two.held()).containsExactly(older);
  }

  @Test
  void aBackupThatWasFoundUnsoundNeitherCoversTheWindowNorCounts() throws Exception {
    String sound = backup(40, 10, "DONE");
    String unsound = backup(20, 20, "DONE");
    String newest = backup(5, 30, "DONE");
    wal(1, 10, 40);
    verified(newest, true);
    verified(unsound, false);

    for (Counting counting : Counting.values()) {
      RetentionPlan plan = plan("7d", 1, counting);
      assertThat(ids(plan)).containsExactly(newest, unsound, sound);
      assertThat(plan.isEmpty()).isTrue();
      assertThat(plan.remarks())
          .containsExactly("backup " + unsound + " was found unsound and counts for nothing");
    }
  }

  @Test
  void whereEveryBackupWasFoundUnsoundNothingIsDeleted() throws Exception {
    verified(backup(40, 10, "DONE"), false);
    verified(backup(20, 20, "DONE"), false);
    wal(1, 10, 40);

    assertThat(plan("1d", 1).refusal().orElseThrow()).contains("is whole");
  }

  @Test
  void whereNoBackupIsWholeNothingIsDeleted() throws Exception {
    backup(40, 10, "DONE");
    backup(20, 20, "DONE");

    assertThat(plan("1d", 1).refusal().orElseThrow()).contains("no backup of").contains("is whole");
  }

  @Test
  void anEmptyCatalogueDeletesNothing() throws Exception {
    backup(40, 10, "FAILED");
    wal(1, 1, 9);

    assertThat(plan("1d", 1).refusal().orElseThrow()).contains("no backup that can be restored");
  }

  @Test
  void anotherDatabasesBackupsAreLeftAlone() throws Exception {
    backup(40, 10, "DONE");
    backup(20, 20, "DONE");
    wal(1, 10, 30);

    assertThat(
            RetentionPlanner.plan(
                    archive, RetentionPolicy.parse("1d", 1, Counting.WHOLE), NOW, Optional.of("42"))
                .refusal()
                .orElseThrow())
        .contains("another database");
  }

  @Test
  void oneUnreadableBackupInfoStopsAllOfIt() throws Exception {
    backup(40, 10, "DONE");
    String damaged = backup(20, 20, "DONE");
    wal(1, 10, 30);
    Files.writeString(root.resolve("main/base/" + damaged + "/backup.info"), "no key here\n");

    assertThatThrownBy(() -> plan("1d", 1)).isInstanceOf(IOException.class);
  }

  @Test
  void failedBackupsAndLeftoversGoOnlyIfTheyAreOlderThanWhatIsKept() throws Exception {
    String failedLongAgo = backup(50, 5, "FAILED");
    String leftover = BackupId.at(NOW.minus(Duration.ofDays(45)));
    Files.createDirectories(root.resolve("main/base/" + leftover));
    Files.writeString(root.resolve("main/base/" + leftover + "/data.tar"), "x");
    backup(20, 20, "DONE");
    backup(5, 30, "FAILED");
    String running = BackupId.at(NOW.minus(Duration.ofHours(1)));
    Files.createDirectories(root.resolve("main/base/" + running));
    Files.writeString(root.resolve("main/base/" + running + "/data.tar"), "x");
    wal(1, 20, 40);

    assertThat(plan("7d", 1).backups())
        .containsExactly(
            new Doomed(failedLongAgo, Rule.FAILED), new Doomed(leftover, Rule.LEFTOVER));
  }

  @Test
  void aBackupKeptAloneKeepsItsOwnWalAndOneKeptInFullAllThatFollows() throws Exception {
    String standalone = backup(90, 10, "DONE");
    keep(standalone, "standalone");
    backup(20, 20, "DONE");
    wal(1, 5, 40);

    RetentionPlan plan = plan("7d", 1);
    assertThat(ids(plan)).contains(standalone);
    assertThat(plan.wal())
        .extracting(DoomedWal::name)
        .contains("000000010000000000000009", "00000001000000000000000C")
        .doesNotContain("00000001000000000000000A", "00000001000000000000000B");

    keep(standalone, "full");
    assertThat(plan("7d", 1).wal())
        .extracting(DoomedWal::name)
        .containsExactly(
            "000000010000000000000005",
            "000000010000000000000006",
            "000000010000000000000007",
            "000000010000000000000008",
            "000000010000000000000009");
  }

  @Test
  void walOfAllTimelinesBeforeTheFirstBackupGoesButHistoryNever() throws Exception {
    backup(20, 20, "DONE");
    wal(1, 18, 30);
    wal(2, 19, 30);
    Files.writeString(root.resolve("main/wals/00000002.history"), "1\t0/13000000\tx\n");
    Path folder = root.resolve("main/wals/0000000100000000");
    Files.writeString(folder.resolve("000000010000000000000012.00000028.backup"), "x");
    Files.writeString(folder.resolve("000000010000000000000013.partial.gz"), "x");
    Files.writeString(folder.resolve("somebody-elses"), "x");

    assertThat(plan("7d", 1).wal())
        .extracting(DoomedWal::name)
        .containsExactlyInAnyOrder(
            "000000010000000000000012",
            "000000010000000000000012.00000028.backup",
            "000000010000000000000013",
            "000000010000000000000013.partial",
            "000000020000000000000013");
  }

  @Test
  void carryingAPlanOutDeletesWhatItNamesAndSaysByWhichRule() throws Exception {
    String old = backup(40, 10, "DONE");
    String covers = backup(20, 20, "DONE");
    wal(1, 8, 30);
    List<AuditEvent> events = new ArrayList<>();

    List<String> deleted = new ArrayList<>();
    Counted progress = new Counted();
    Retention.Report report =
        Retention.carryOut(
            plan("7d", 1), archive, event -> events.add(event.build()), deleted::add, progress);

    assertThat(report).isEqualTo(new Retention.Report(1, 12, List.of()));
    assertThat(deleted).hasSize(1);
    assertThat(progress.expected).isEqualTo(13);
    assertThat(progress.done).isEqualTo(13);
    assertThat(Catalogue.read(archive).backups())
        .extracting(Catalogue.Entry::id)
        .containsExactly(covers);
    assertThat(root.resolve("main/base/" + old)).doesNotExist();
    assertThat(root.resolve("main/wals/0000000100000000/000000010000000000000013")).doesNotExist();
    assertThat(root.resolve("main/wals/0000000100000000/000000010000000000000014")).exists();
    assertThat(events)
        .extracting(AuditEvent::action, event -> event.details().get("rule"))
        .containsExactly(
            org.assertj.core.api.Assertions.tuple("backup.delete", "outside-window"),
            org.assertj.core.api.Assertions.tuple("wal.delete", "before-first-backup"));
    assertThat(plan("7d", 1).isEmpty()).isTrue();
  }

  @Test
  void policiesAreReadAsBarmanReadsThem() {
    assertThat(RetentionPolicy.parse("30d", 1, Counting.WHOLE).window())
        .isEqualTo(Duration.ofDays(30));
    assertThat(RetentionPolicy.parse("4w", 1, Counting.WHOLE).window())
        .isEqualTo(Duration.ofDays(28));
    assertThat(RetentionPolicy.parse("2m", 1, Counting.WHOLE).window())
        .isEqualTo(Duration.ofDays(62));
    assertThatThrownBy(() -> RetentionPolicy.parse("0d", 1, Counting.WHOLE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> RetentionPolicy.parse("1d", 0, Counting.WHOLE))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** Counts what it is told. */
  private static final class Counted implements Progress {
    private long expected;
    private long done;

    @Override
    public void expect(long amount) {
      expected = amount;
    }

    @Override
    public void advance(long amount) {
      done += amount;
    }
  }

  private RetentionPlan plan(String window, int redundancy) throws IOException {
    return plan(window, redundancy, Counting.WHOLE);
  }

  private RetentionPlan plan(String window, int redundancy, Counting counting) throws IOException {
    return RetentionPlanner.plan(
        archive, RetentionPolicy.parse(window, redundancy, counting), NOW, Optional.of(SYSTEM));
  }

  private static List<String> ids(RetentionPlan plan) {
    return plan.kept().stream().map(Catalogue.Entry::id).toList();
  }

  /** A backup that began some days ago, in one segment, and ended in the next. */
  private String backup(int daysAgo, int segment, String status) throws IOException {
    Instant began = NOW.minus(Duration.ofDays(daysAgo));
    String id = BackupId.at(began);
    Path folder = Files.createDirectories(root.resolve("main/base/" + id));
    Files.write(
        folder.resolve("backup.info"),
        BackupInfo.builder()
            .put("status", status)
            .put("begin_time", began)
            .put("end_time", began.plusSeconds(60))
            .put("begin_xlog", new Lsn(segment * SEGMENT + 40))
            .put("end_xlog", new Lsn((segment + 1) * SEGMENT + 40))
            .put("begin_wal", new WalSegment(1, segment).name(SEGMENT))
            .put("end_wal", new WalSegment(1, segment + 1).name(SEGMENT))
            .put("systemid", SYSTEM)
            .put("timeline", 1)
            .put("xlog_segment_size", SEGMENT)
            .build()
            .toBytes());
    Files.writeString(folder.resolve("data.tar"), "x");
    return id;
  }

  private void verified(String id, boolean sound) throws IOException {
    new VerificationRecord(
            NOW,
            sound,
            false,
            1,
            sound ? List.of() : List.of("data.tar is not what was stored"),
            List.of(),
            Optional.empty(),
            List.of())
        .write(archive, Catalogue.read(archive).find(id).orElseThrow());
  }

  private void keep(String id, String how) throws IOException {
    Path folder = Files.createDirectories(root.resolve("main/base/" + id + "/annotations"));
    Files.writeString(folder.resolve("keep"), how);
  }

  private void wal(int timeline, int first, int last) throws IOException {
    for (int number = first; number <= last; number++) {
      String name = new WalSegment(timeline, number).name(SEGMENT);
      Path folder = Files.createDirectories(root.resolve("main/wals/" + name.substring(0, 16)));
      Files.writeString(folder.resolve(name), "x");
    }
  }
}
