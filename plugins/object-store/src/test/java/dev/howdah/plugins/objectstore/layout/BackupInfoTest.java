package dev.howdah.plugins.objectstore.layout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugins.objectstore.layout.BackupInfo.Tablespace;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class BackupInfoTest {

  private static final String FILE =
      """
      backup_label='START WAL LOCATION: 0/2000028 (file 000000010000000000000002)\\nLABEL: it is\\n'
      backup_name=backup-20260301040506
      begin_offset=40
      begin_time=2026-03-01 04:05:06.123456+00:00
      begin_wal=000000010000000000000002
      begin_xlog=0/2000028
      children_backup_ids=None
      cluster_size=12345678
      compression=None
      config_file=/pgdata/postgresql.conf
      copy_stats={'total_time': 1.5, 'number_of_workers': 2, 'copy_time_per_item': {'data': 0.25}}
      data_checksums=on
      deduplicated_size=None
      encryption=None
      end_offset=256
      end_time=2026-03-01 04:06:00+00:00
      end_wal=000000010000000000000003
      end_xlog=0/3000100
      error=None
      hba_file=/pgdata/pg_hba.conf
      ident_file=/pgdata/pg_ident.conf
      included_files=None
      mode=None
      parent_backup_id=None
      pgdata=/pgdata
      server_name=cloud
      size=None
      status=DONE
      summarize_wal=off
      systemid=7300000000000000001
      tablespaces=[('fast', 16384, '/tablespaces/fast'), ("o'hara", 16385, '/tablespaces/o')]
      timeline=1
      version=170002
      xlog_segment_size=16777216
      """;

  @Test
  void aFileIsReadAndWrittenByteForByte() {
    BackupInfo info = BackupInfo.parse(FILE.getBytes(UTF_8));

    assertThat(new String(info.toBytes(), UTF_8)).isEqualTo(FILE);
    assertThat(info.isDone()).isTrue();
    assertThat(info.beginTime()).contains(Instant.parse("2026-03-01T04:05:06.123456Z"));
    assertThat(info.endTime()).contains(Instant.parse("2026-03-01T04:06:00Z"));
    assertThat(info.endLsn()).contains(Lsn.parse("0/3000100"));
    assertThat(info.timeline()).contains(1);
    assertThat(info.backupLabel().orElseThrow()).endsWith("LABEL: it is\n");
    assertThat(info.tablespaces())
        .containsExactly(
            new Tablespace("fast", 16384, "/tablespaces/fast"),
            new Tablespace("o'hara", 16385, "/tablespaces/o"));
    assertThat(info.error()).isEmpty();
  }

  @Test
  void aBuiltFileHasEveryKeyAndItsSpelling() {
    BackupInfo built =
        BackupInfo.builder()
            .put("status", BackupInfo.DONE)
            .put("begin_time", Instant.parse("2026-03-01T04:05:06.5Z"))
            .put("end_time", Instant.parse("2026-03-01T04:05:07Z"))
            .put("backup_label", new PythonValue.Text("a\nb"))
            .tablespaces(List.of(new Tablespace("t", 1, "/t")))
            .build();

    List<String> lines = new String(built.toBytes(), UTF_8).lines().toList();

    assertThat(lines)
        .hasSize(33)
        .isSorted()
        .contains(
            "status=DONE",
            "server_name=cloud",
            "begin_time=2026-03-01 04:05:06.500000+00:00",
            "end_time=2026-03-01 04:05:07+00:00",
            "backup_label='a\\nb'",
            "tablespaces=[('t', 1, '/t')]",
            "compression=None")
        .noneMatch(line -> line.startsWith("backup_name") || line.startsWith("snapshots_info"));
  }

  @Test
  void commentsEmptyLinesAndMissingKeysAreTolerated() {
    BackupInfo info = BackupInfo.parse("# ours\n\nstatus=FAILED\r\n".getBytes(UTF_8));

    assertThat(info.isDone()).isFalse();
    assertThat(info.endTime()).isEmpty();
    assertThat(info.tablespaces()).isEmpty();
    assertThat(info.segmentSize()).isEqualTo(16 << 20);
  }

  @Test
  void anUnknownKeyCanBeReadButIsNeverWritten() {
    BackupInfo info = BackupInfo.parse("status=DONE\nfrom_the_future=1\n".getBytes(UTF_8));

    assertThat(info.text("from_the_future")).contains("1");
    assertThat(info.toString()).doesNotContain("from_the_future");
    assertThatThrownBy(() -> BackupInfo.builder().put("howdah", "1"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void otherSpellingsOfTimesAreUnderstood() {
    assertThat(BackupInfo.parse("end_time=2026-03-01 04:05:06+02:00".getBytes(UTF_8)).endTime())
        .contains(Instant.parse("2026-03-01T02:05:06Z"));
    assertThat(BackupInfo.parse("end_time=2026-03-01 04:05:06".getBytes(UTF_8)).endTime())
        .contains(Instant.parse("2026-03-01T04:05:06Z"));
  }

  @Test
  void whatCanNotBeRightIsSaid() {
    assertThatThrownBy(() -> BackupInfo.parse("no key here".getBytes(UTF_8)))
        .hasMessageContaining("line 1");
    assertThatThrownBy(() -> BackupInfo.parse("timeline=x".getBytes(UTF_8)).timeline())
        .hasMessageContaining("timeline");
  }

  @Property(tries = 200)
  void aBackupLabelComesBackWhateverItHolds(@ForAll String label) {
    BackupInfo info = BackupInfo.builder().put("backup_label", new PythonValue.Text(label)).build();

    assertThat(BackupInfo.parse(info.toBytes()).backupLabel()).contains(label);
  }

  @Property(tries = 200)
  void aPythonValueIsReadAsItIsWritten(@ForAll("values") PythonValue value) {
    assertThat(PythonValue.parse(value.toString())).isEqualTo(value);
  }

  @Provide
  Arbitrary<PythonValue> values() {
    Arbitrary<PythonValue> leaves =
        Arbitraries.oneOf(
            Arbitraries.strings().map(PythonValue.Text::new),
            Arbitraries.longs().map(n -> new PythonValue.Literal(String.valueOf(n))),
            Arbitraries.just(new PythonValue.None()));
    return Arbitraries.recursive(
        () -> leaves,
        inner ->
            Arbitraries.oneOf(
                inner.list().ofMaxSize(3).map(PythonValue.Sequence::new),
                inner.list().ofMaxSize(3).map(PythonValue.Tuple::new),
                inner
                    .list()
                    .ofMaxSize(3)
                    .map(
                        list -> {
                          Map<String, PythonValue> map = new LinkedHashMap<>();
                          list.forEach(entry -> map.put("key " + map.size(), entry));
                          return new PythonValue.Dictionary(map);
                        })),
        0,
        3);
  }
}
