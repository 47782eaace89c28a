package dev.howdah.plugins.objectstore.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugins.objectstore.layout.ArchiveLayout.DataName;
import java.time.Instant;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NamesTest {

  private final ArchiveLayout layout = new ArchiveLayout("main");

  @Test
  void walLiesInAFolderOfTimelineAndLog() {
    assertThat(key("000000010000000A000000FF", Codec.NONE))
        .isEqualTo("main/wals/000000010000000A/000000010000000A000000FF");
    assertThat(key("000000010000000A000000FF.partial", Codec.ZSTD))
        .isEqualTo("main/wals/000000010000000A/000000010000000A000000FF.partial.zst");
    assertThat(key("000000010000000A000000FF.00000028.backup", Codec.GZIP))
        .isEqualTo("main/wals/000000010000000A/000000010000000A000000FF.00000028.backup.gz");
    assertThat(key("0000000A.history", Codec.LZ4)).isEqualTo("main/wals/0000000A.history.lz4");
  }

  @Test
  void namesAreUpperCase() {
    assertThat(WalName.parse("00000001000000000000000a").name())
        .isEqualTo("00000001000000000000000A");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "backup.info",
        "00000001000000000000000",
        "0000000100000000000000011",
        "00000001000000000000000G",
        "000000010000000000000001.gz",
        "000000010000000000000001.28.backup",
        "../00000001.history",
        "000000010000000000000001/000000010000000000000001",
        "000000010000000000000001\n"
      })
  void otherNamesAreNot(String name) {
    assertThat(WalName.isOne(name)).isFalse();
    assertThatThrownBy(() -> WalName.parse(name)).isInstanceOf(IllegalArgumentException.class);
  }

  @Property
  void aNameIsReadAsItIsWritten(
      @ForAll @IntRange(min = 1) int timeline,
      @ForAll @LongRange(min = 0, max = 0xffffffffL) long log,
      @ForAll @LongRange(min = 0, max = 0xffffffffL) long segment) {
    WalName.Segment name = new WalName.Segment(timeline, log, segment);
    assertThat(WalName.parse(name.name())).isEqualTo(name);
    WalName.Partial partial = new WalName.Partial(name);
    assertThat(WalName.parse(partial.name())).isEqualTo(partial);
    WalName.BackupLabel label = new WalName.BackupLabel(name, log);
    assertThat(WalName.parse(label.name())).isEqualTo(label);
    WalName.History history = new WalName.History(timeline);
    assertThat(WalName.parse(history.name())).isEqualTo(history);
  }

  @Property
  void aSegmentIsReadAsItIsWrittenWhateverItsSize(
      @ForAll @IntRange(min = 20, max = 30) int power,
      @ForAll @LongRange(min = 0, max = 0xffffffffffL) long position) {
    long size = 1L << power;
    WalSegment segment = WalSegment.at(3, new Lsn(position), size);
    assertThat(WalSegment.parse(segment.name(size), size)).isEqualTo(segment);
    assertThat(segment.start(size).value()).isLessThanOrEqualTo(position);
    assertThat(segment.next().start(size).value()).isGreaterThan(position);
    assertThat(segment.name(size).compareTo(segment.next().name(size))).isNegative();
  }

  @Test
  void theLogNumberCarriesAtItsSegmentsNumber() {
    long size = 64L << 20;
    WalSegment last = WalSegment.parse("00000001000000000000003F", size);
    assertThat(last.next().name(size)).isEqualTo("000000010000000100000000");
    assertThat(WalSegment.parse("0000000100000000000000FF", 16L << 20).next().name(16L << 20))
        .isEqualTo("000000010000000100000000");
  }

  @Test
  void aPositionAtABorderEndsInTheSegmentBefore() {
    Lsn border = Lsn.parse("0/4000000");
    assertThat(WalSegment.before(1, border, 16L << 20).name(16L << 20))
        .isEqualTo("000000010000000000000003");
    assertThat(WalSegment.at(1, border, 16L << 20).name(16L << 20))
        .isEqualTo("000000010000000000000004");
  }

  @Property
  void anLsnIsReadAsItIsWritten(@ForAll long value) {
    assertThat(Lsn.parse(new Lsn(value).toString())).isEqualTo(new Lsn(value));
  }

  @Test
  void lsnsAreUnsigned() {
    assertThat(Lsn.parse("FFFFFFFF/0")).isGreaterThan(Lsn.parse("1/0"));
    assertThat(Lsn.parse("0/4000028").offset(16L << 20)).isEqualTo(0x28);
  }

  @Test
  void dataFilesAreNumberedFromTheSecondOn() {
    assertThat(layout.data("20260102T030405", Optional.empty(), 0, Codec.NONE))
        .isEqualTo("main/base/20260102T030405/data.tar");
    assertThat(layout.data("20260102T030405", Optional.of(16384L), 12, Codec.GZIP))
        .isEqualTo("main/base/20260102T030405/16384_0012.tar.gz");
  }

  @Property
  void aDataFilesNameIsReadAsItIsWritten(
      @ForAll @IntRange(min = 0, max = 99999) int part, @ForAll Codec codec) {
    DataName name = new DataName(Optional.of(4711L), part, codec);
    assertThat(DataName.parse(name.name())).contains(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"backup.info", "backup_label", "data.tar.rar", "howdah-manifest.jsonl", "datatar"})
  void otherFilesOfABackupAreNotData(String name) {
    assertThat(DataName.parse(name)).isEmpty();
  }

  @Test
  void aBackupsIdIsItsSecond() {
    assertThat(BackupId.at(Instant.parse("2026-01-02T03:04:05.678Z"))).isEqualTo("20260102T030405");
    assertThat(BackupId.isOne("20260102T030405")).isTrue();
    assertThat(BackupId.isOne("latest")).isFalse();
  }

  @Test
  void aServerIsOneFolder() {
    for (String wrong : new String[] {"", "a/b", "..", "."}) {
      assertThatThrownBy(() -> new ArchiveLayout(wrong))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("serverName");
    }
  }

  @Test
  void aHistoryKnowsWhichPositionsLieOnTheWay() {
    TimelineHistory history =
        TimelineHistory.parse(
            3,
            "1\t0/5000000\tno recovery target specified\n\n2\t0/9000000\tbefore 'x'\n".getBytes());
    assertThat(history.passesThrough(1, Lsn.parse("0/5000000"))).isTrue();
    assertThat(history.passesThrough(1, Lsn.parse("0/5000001"))).isFalse();
    assertThat(history.passesThrough(2, Lsn.parse("0/8000000"))).isTrue();
    assertThat(history.passesThrough(3, Lsn.parse("F/0"))).isTrue();
    assertThat(history.passesThrough(4, Lsn.parse("0/0"))).isFalse();
  }

  private String key(String name, Codec codec) {
    return layout.wal(WalName.parse(name), codec);
  }
}
