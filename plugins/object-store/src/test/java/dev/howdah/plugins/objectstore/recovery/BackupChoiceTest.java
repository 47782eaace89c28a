package dev.howdah.plugins.objectstore.recovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Timeline;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Until;
import dev.howdah.plugins.objectstore.store.Content;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BackupChoiceTest {

  private static final Instant T0 = Instant.parse("2026-03-01T00:00:00Z");

  @TempDir Path root;

  private Archive archive;

  // Timeline 1 was left at 0/5000000 for timeline 2, but lived on until 0/8000000.
  @BeforeEach
  void fillArchive() throws Exception {
    archive = new Archive(DirectoryStore.open(root), new ArchiveLayout("main"));
    put("main/wals/00000002.history", "1\t0/5000000\tno recovery target specified\n".getBytes());
    backup("20260301T010000", 1, "0/2000100", 1);
    backup("20260301T020000", 1, "0/4000100", 2);
    backup("20260301T030000", 2, "0/6000100", 3);
    backup("20260301T040000", 1, "0/7000100", 4);
  }

  @Test
  void theNewestOnTheWayToTheNewestTimelineIsTaken() throws Exception {
    BackupChoice choice = choose(RecoveryTarget.LATEST);

    assertThat(choice.backup().id()).isEqualTo("20260301T030000");
    assertThat(choice.passedOver())
        .containsExactly("20260301T040000 is not on the way from timeline 1 to timeline 2");
  }

  @Test
  void aTimelineThatWasLeftCanStillBeReached() throws Exception {
    assertThat(chosen(Optional.of(new Timeline.Numbered(1)), new Until.EndOfArchive()))
        .isEqualTo("20260301T040000");
    assertThat(chosen(Optional.of(new Timeline.OfBackup()), new Until.EndOfArchive()))
        .isEqualTo("20260301T040000");
  }

  @Test
  void aBackupOfAnEarlierTimelineServesALaterOne() throws Exception {
    assertThat(
            chosen(
                Optional.of(new Timeline.Numbered(2)),
                new Until.Time(T0.plusSeconds(2 * 3600 + 1))))
        .isEqualTo("20260301T020000");
  }

  @Test
  void endingExactlyAtTheTargetTimeIsEarlyEnoughAndExactlyAtTheTargetPositionIsNot()
      throws Exception {
    assertThat(chosen(Optional.empty(), new Until.Time(T0.plusSeconds(2 * 3600))))
        .isEqualTo("20260301T020000");
    assertThat(chosen(Optional.empty(), new Until.Position(Lsn.parse("0/4000100"))))
        .isEqualTo("20260301T010000");
    assertThat(chosen(Optional.empty(), new Until.Position(Lsn.parse("0/4000101"))))
        .isEqualTo("20260301T020000");
  }

  @Test
  void recoveryThatEndsAtOnceBeginsWithTheNewest() throws Exception {
    BackupChoice choice =
        choose(new RecoveryTarget(Optional.empty(), Optional.empty(), new Until.Consistency()));

    assertThat(choice.backup().id()).isEqualTo("20260301T030000");
    assertThat(choice.reason()).isEqualTo("it is the newest, and recovery ends as soon as it can");
  }

  @Test
  void aPointThatNoWalHasIsSoughtBehindEachBackupAndSaidNotToBeThere() {
    assertThatThrownBy(
            () -> chosen(Optional.empty(), new Until.RestorePoint("before the migration")))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining(
            "20260301T030000 has no restore point 'before the migration' in the WAL after it, which"
                + " was read from 0/6000100 to 0/6000000, where it ends")
        .hasMessageContaining("20260301T040000 is not on the way");
    assertThatThrownBy(
            () -> chosen(Optional.empty(), RecoveryTarget.parseTransaction("4294967303")))
        .hasMessageContaining("20260301T020000 has no end of transaction 7 in the WAL after it");
    assertThatThrownBy(() -> RecoveryTarget.parseTransaction("seven"))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("'seven'");
  }

  @Test
  void aFailedBackupIsNeverTakenEvenIfItHasAnEnd() throws Exception {
    put(
        "main/base/20260301T050000/backup.info",
        BackupInfo.parse(info(2, "0/6500000", 5))
            .toString()
            .replace("status=DONE", "status=FAILED")
            .getBytes());

    assertThat(choose(RecoveryTarget.LATEST).backup().id()).isEqualTo("20260301T030000");
    assertThatThrownBy(
            () ->
                choose(
                    new RecoveryTarget(
                        Optional.of("20260301T050000"),
                        Optional.empty(),
                        new Until.EndOfArchive())))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("has the status FAILED");
  }

  @Test
  void aBackupThatIsNotThereIsNamed() {
    assertThatThrownBy(
            () ->
                choose(
                    new RecoveryTarget(
                        Optional.of("20200101T000000"),
                        Optional.empty(),
                        new Until.EndOfArchive())))
        .hasMessageContaining("has no backup 20200101T000000");
  }

  @ParameterizedTest
  @CsvSource({
    "2026-03-01 12:30:00+02,2026-03-01T10:30:00Z",
    "2026-03-01 12:30:00.5+02:00,2026-03-01T10:30:00.500Z",
    "2026-03-01T12:30:00Z,2026-03-01T12:30:00Z",
    "2026-03-01T12:30:00.123456+0530,2026-03-01T07:00:00.123456Z",
    "2026-03-01 12:30:00,2026-03-01T12:30:00Z",
    "2026-03-01 12:30,2026-03-01T12:30:00Z",
    "2026-03-01 12:30:00 UTC,2026-03-01T12:30:00Z",
    "2026-03-01 12:30:00-08,2026-03-01T20:30:00Z"
  })
  void timesAreUnderstoodWithAndWithoutZone(String text, Instant time) {
    assertThat(RecoveryTarget.parseTime(text)).isEqualTo(time);
  }

  @Test
  void whatIsNoTimeOrTimelineIsRefused() {
    assertThatThrownBy(() -> RecoveryTarget.parseTime("yesterday"))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("'yesterday'");
    assertThatThrownBy(() -> RecoveryTarget.parseTimeline("newest"))
        .isInstanceOf(PluginException.class);
    assertThat(RecoveryTarget.parseTimeline("latest")).isEmpty();
    assertThat(RecoveryTarget.parseTimeline("0x10")).contains(new Timeline.Numbered(16));
  }

  private String chosen(Optional<Timeline> timeline, Until until) throws Exception {
    return choose(new RecoveryTarget(Optional.empty(), timeline, until)).backup().id();
  }

  private BackupChoice choose(RecoveryTarget target) throws Exception {
    return BackupChoice.choose(archive, Catalogue.read(archive), target);
  }

  private void backup(String id, int timeline, String end, int hour) throws Exception {
    put("main/base/" + id + "/backup.info", info(timeline, end, hour));
  }

  private static byte[] info(int timeline, String end, int hour) {
    return BackupInfo.builder()
        .put("status", "DONE")
        .put("timeline", timeline)
        .put("begin_time", T0.plusSeconds(3600L * hour - 60))
        .put("end_time", T0.plusSeconds(3600L * hour))
        .put("begin_wal", "000000010000000000000001")
        .put("end_xlog", end)
        .build()
        .toBytes();
  }

  private void put(String key, byte[] bytes) throws Exception {
    archive.store().put(key, Content.of(bytes), WriteOptions.CREATE);
  }
}
