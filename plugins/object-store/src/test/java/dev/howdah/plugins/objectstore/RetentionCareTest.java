package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.plugin.admission.ValidationFinding.Severity;
import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugins.objectstore.wal.WalFiles;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Who verifies and deletes, and what becomes known of it. */
class RetentionCareTest extends PluginOnInstance {

  @Test
  void whoeverArchivesAsThePrimaryAlsoVerifiesABackupAndDeletesWhatIsNoLongerNeeded()
      throws Exception {
    Instant now = Instant.now();
    String old = backedUp(now.minus(Duration.ofDays(40)));
    String covers = backedUp(now.minus(Duration.ofDays(20)));
    control(WalFiles.SYSTEM);
    define("kept", "7d");

    archiveAs("orders-2");
    archiveAs("orders-1");

    await()
        .untilAsserted(
            () -> {
              // Care comes with WAL that is archived.
              archiveAs("orders-1");
              assertThat(published)
                  .extracting(AuditEvent::action)
                  .containsExactlyInAnyOrder("backup.verify", "backup.delete");
            });
    assertThat(event("backup.verify").details())
        .containsEntry("backup", covers)
        .containsEntry("result", "sound")
        .containsEntry("walUpTo", ONE);
    assertThat(event("backup.delete").details()).containsEntry("backup", old);
    assertThat(bucket.resolve("orders/base/" + old)).doesNotExist();
    assertThat(bucket.resolve("orders/base/" + covers + "/howdah-verification.json")).exists();
  }

  @Test
  void whatRetentionOnlyKeepsForWantOfVerificationIsToldInMetricsAndAtAdmission() throws Exception {
    Instant now = Instant.now();
    String old = backedUp(now.minus(Duration.ofDays(40)));
    backedUp(now.minus(Duration.ofDays(20)));
    control(WalFiles.SYSTEM);
    define("kept", "7d");
    CallContext cluster =
        CallContext.of(
            """
            {'metadata': {'name': 'orders', 'namespace': 'shop'},
             'spec': {'plugins': [{%s, 'isWALArchiver': true,
               'parameters': {'barmanObjectName': 'kept', 'verificationInterval': 'off'}}]},
             'status': {'currentPrimary': 'orders-1'}}
            """
                .formatted(PLUGIN));

    archive(cluster, WalFiles.sound(ONE, WalFiles.SYSTEM));

    await()
        .untilAsserted(
            () ->
                assertThat(named(plugin.metrics().collect(cluster)))
                    .containsEntry("howdah_object_store_retention_held_backups", 1.0)
                    .containsEntry("howdah_object_store_retention_refused", 0.0)
                    .containsEntry("howdah_object_store_retention_deleted_total backup", 0.0));
    assertThat(bucket.resolve("orders/base/" + old + "/backup.info")).exists();
    assertThat(plugin.admission().create(cluster))
        .singleElement()
        .satisfies(finding -> assertThat(finding.path()).endsWith("verificationInterval"))
        .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNING));
  }

  @Test
  void aBackupThatIsFoundUnsoundIsToldInMetrics() throws Exception {
    String broken = backedUp(Instant.now().minus(Duration.ofDays(1)));
    Files.writeString(bucket.resolve("orders/base/" + broken + "/data.tar"), "no archive at all");
    define("kept", "7d");

    archiveAs("orders-1");
    await().untilAsserted(() -> assertThat(published).hasSize(1));

    assertThat(event("backup.verify").details()).containsEntry("result", "unsound");
    await()
        .untilAsserted(
            () ->
                assertThat(named(plugin.metrics().collect(primary("orders-1"))))
                    .containsEntry("howdah_object_store_backups_verified unsound", 1.0)
                    .containsEntry("howdah_object_store_backups_verified never", 0.0)
                    .containsEntry("howdah_object_store_last_sound_backup_timestamp", 0.0)
                    .containsEntry("howdah_object_store_wal_chain_problems", 0.0)
                    .containsEntry("howdah_object_store_verification_running", 0.0));
  }

  private AuditEvent event(String action) {
    return published.stream()
        .filter(event -> event.action().equals(action))
        .findFirst()
        .orElseThrow();
  }

  private static CallContext primary(String pod) {
    return CallContext.of(
        """
        {'metadata': {'name': 'orders', 'namespace': 'shop'},
         'spec': {'plugins': [{%s, 'isWALArchiver': true,
           'parameters': {'barmanObjectName': 'kept'}}]},
         'status': {'currentPrimary': '%s'}}
        """
            .formatted(PLUGIN, pod));
  }

  private void archiveAs(String pod) throws Exception {
    archive(primary(pod), WalFiles.sound(ONE, WalFiles.SYSTEM));
  }
}
