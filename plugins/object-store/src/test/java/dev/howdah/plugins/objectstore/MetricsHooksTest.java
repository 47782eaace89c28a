package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginException.Kind;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugin.wal.WalArchiveRequest;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.wal.WalFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the instance's exporter gets to hear. */
class MetricsHooksTest extends PluginOnInstance {

  @Test
  void theRecoveryWindowIsShownUnderTheNamesThatDashboardsKnow() throws Exception {
    Path folder = scratch.resolve("embedded/orders/base/20260301T040506");
    Files.createDirectories(folder);
    Files.write(
        folder.resolve("backup.info"),
        BackupInfo.builder()
            .put("status", "DONE")
            .put("begin_time", Instant.ofEpochSecond(1000))
            .put("end_time", Instant.ofEpochSecond(2000))
            .build()
            .toBytes());
    CallContext cluster = cluster("'isWALArchiver': true");

    await().untilAsserted(() -> assertThat(samples(cluster)).startsWith(2000.0, 2000.0, 0.0));
  }

  @Test
  void metricsTellWhatBecameOfWalAndHowMuchWaits() throws Exception {
    CallContext cluster = cluster("'isWALArchiver': true");
    archive(cluster);
    Files.write(wal.resolve(ONE), WalFiles.segment(ONE, WalFiles.SYSTEM, 2));
    assertKind(
        Kind.PRECONDITION,
        () ->
            plugin
                .wal()
                .archive(
                    new WalArchiveRequest(
                        wal.resolve(ONE), CallContext.parameters(Map.of()), Optional.empty()),
                    cluster));

    Map<String, Double> samples = named(plugin.metrics().collect(cluster));

    assertThat(samples)
        .containsEntry("howdah_object_store_wal_archived_total", 1.0)
        .containsEntry("howdah_object_store_wal_archive_failures_total", 1.0)
        .containsEntry("howdah_object_store_wal_restored_total", 0.0)
        .containsEntry("howdah_object_store_wal_waiting", 1.0);
    assertThat(samples.get("howdah_object_store_wal_last_archived_timestamp")).isGreaterThan(1e9);
    assertThat(samples)
        .containsEntry("howdah_object_store_wal_archived_bytes_total", (double) WalFiles.SEGMENT)
        .containsEntry("howdah_object_store_wal_last_archived_timeline", 1.0)
        .containsEntry("howdah_object_store_wal_last_archived_lsn", (double) WalFiles.SEGMENT)
        .containsEntry("howdah_object_store_wal_last_failed_lsn", (double) WalFiles.SEGMENT);
    assertThat(samples.get("howdah_object_store_wal_archive_seconds_total")).isPositive();
  }

  @Test
  void theOldestFileThatWaitsTellsHowLongEvenBeforeAnyWasArchived() throws Exception {
    WalFiles.ready(wal, ONE, 1);
    Files.setLastModifiedTime(
        wal.resolve("archive_status/" + ONE + ".ready"),
        FileTime.from(Instant.now().minusSeconds(3600)));

    Map<String, Double> samples = named(plugin.metrics().collect(cluster("'isWALArchiver': true")));

    assertThat(samples).containsEntry("howdah_object_store_wal_waiting", 1.0);
    assertThat(samples.get("howdah_object_store_wal_waiting_seconds")).isBetween(3600.0, 7200.0);
  }

  @Test
  void metricsTellOfTheArchivesBackups() throws Exception {
    Instant began = Instant.parse("2026-03-01T00:00:00Z");
    backedUp(began);
    backedUp(began.plus(Duration.ofDays(1)));
    double stored = Files.size(bucket.resolve("orders/base/20260302T000000/data.tar"));
    Files.createDirectories(bucket.resolve("orders/base/20260304T000000"));
    Files.writeString(bucket.resolve("orders/base/20260304T000000/data.tar"), "x");
    CallContext cluster =
        cluster("'isWALArchiver': true, 'parameters': {'barmanObjectName': 'backups'}");

    await()
        .untilAsserted(
            () ->
                assertThat(named(plugin.metrics().collect(cluster)))
                    .containsEntry("howdah_object_store_backups done", 2.0)
                    .containsEntry("howdah_object_store_backups failed", 0.0)
                    .containsEntry("howdah_object_store_backups unfinished", 1.0)
                    .containsEntry("howdah_object_store_last_backup_seconds", 60.0)
                    .containsEntry("howdah_object_store_last_backup_stored_bytes", stored)
                    .containsEntry("howdah_object_store_last_backup_database_bytes", 6e9)
                    .containsEntry("howdah_object_store_last_backup_bytes_per_second", 1e8)
                    .containsEntry("howdah_object_store_recovery_window_seconds", 86400.0)
                    .containsEntry("howdah_object_store_backup_running", 0.0)
                    .containsEntry("howdah_object_store_errors_total unavailable", 0.0));
  }

  @Test
  void whatTheStoreFailedAtIsCountedByKindAndWhatIsMerelyNotThereIsNot() throws Exception {
    CallContext cluster =
        cluster("'isWALArchiver': true, 'parameters': {'barmanObjectName': 'backups'}");
    archive(cluster);
    Files.move(bucket, scratch.resolve("moved"));

    assertThatThrownBy(() -> archive(cluster)).isInstanceOf(PluginException.class);

    Map<String, Double> errors = named(plugin.metrics().collect(cluster));
    assertThat(errors.get("howdah_object_store_errors_total unavailable")).isPositive();
    assertThat(errors).containsEntry("howdah_object_store_errors_total denied", 0.0);
  }

  @Test
  void metricsOfWalAreThereEvenIfTheObjectStoreIsNot() {
    CallContext cluster =
        cluster("'isWALArchiver': true, 'parameters': {'barmanObjectName': 'nowhere'}");
    assertKind(Kind.PRECONDITION, () -> archive(cluster));

    assertThat(named(plugin.metrics().collect(cluster)))
        .containsEntry("howdah_object_store_wal_archive_failures_total", 1.0);
  }

  private List<Double> samples(CallContext cluster) {
    return plugin.metrics().collect(cluster).stream().map(MetricSample::value).toList();
  }
}
