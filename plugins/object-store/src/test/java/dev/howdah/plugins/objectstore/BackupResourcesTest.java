package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugins.objectstore.wal.WalFiles;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Backup resources go with the data that retention deletes, with an API server on a socket. */
@Timeout(180)
class BackupResourcesTest extends PluginOnInstance {

  private static final String OURS = CallContext.PLUGIN;
  private static final String BACKUPS = "/apis/postgresql.cnpg.io/v1/namespaces/shop/backups";
  // The ObjectStore's status comes after all that is deleted.
  private static final String CARED =
      "GET /apis/barmancloud.cnpg.io/v1/namespaces/shop/objectstores/kept";

  private final ApiServerDoor door = new ApiServerDoor();

  @Override
  Optional<KubernetesClient> kubernetes() {
    return Optional.of(door.client());
  }

  @AfterEach
  void close() {
    plugin.stop();
    door.close();
  }

  @Test
  void aBackupResourceGoesWithItsDataAndNoOtherDoes() throws Exception {
    String old = retentionDeletesOneOfTwo();
    backup("ours", "plugin", OURS, "orders", "completed", "u-1", old);
    backup("stays", "plugin", OURS, "orders", "completed", "u-1", "2");
    backup("running", "plugin", OURS, "orders", "running", "u-1", old);
    backup("other", "plugin", OURS, "invoices", "completed", "u-2", old);
    backup("before", "plugin", OURS, "orders", "completed", "u-0", old);
    backup("barman", "plugin", "barman-cloud.cloudnative-pg.io", "orders", "completed", "u-1", old);
    backup("snapshot", "volumeSnapshot", "", "orders", "completed", "u-1", old);

    whileArchiving(() -> assertThat(backups()).doesNotContain("ours"));
    whileArchiving(() -> assertThat(notes()).isEmpty());

    assertThat(backups())
        .containsExactlyInAnyOrder("stays", "running", "other", "before", "barman", "snapshot");
    assertThat(published)
        .extracting(AuditEvent::action)
        .containsExactly("backup.delete", "backup.resource.delete");
    assertThat(published.getLast().details())
        .containsEntry("resource", "ours")
        .containsEntry("backup", old)
        .containsEntry("rule", "its data was deleted by retention: outside-window");
  }

  @Test
  void theResourceOfABackupWhoseDataIsDeletedGoesEvenIfTheSidecarDiedInBetween() throws Exception {
    String old = retentionDeletesOneOfTwo();
    backup("ours", "plugin", OURS, "orders", "completed", "u-1", old);
    door.refused = BACKUPS;
    whileArchiving(() -> assertThat(bucket.resolve("orders/base/" + old)).doesNotExist());
    plugin.stop();
    door.refused = "nothing";
    assertThat(backups()).containsExactly("ours");

    begin();

    whileArchiving(() -> assertThat(backups()).isEmpty());
    whileArchiving(() -> assertThat(notes()).isEmpty());
  }

  @Test
  void aDeletionThatBrokeOffIsFinishedAndOnlyThenTheResourceGoes() throws Exception {
    String old = retentionDeletesOneOfTwo();
    backup("ours", "plugin", OURS, "orders", "completed", "u-1", old);
    note(old, "u-1");
    Files.delete(bucket.resolve("orders/base/" + old + "/backup.info"));

    whileArchiving(() -> assertThat(backups()).isEmpty());

    assertThat(bucket.resolve("orders/base/" + old)).doesNotExist();
  }

  @Test
  void aBackupThatIsStillThereKeepsItsResource() throws Exception {
    String recent = backedUp(Instant.now().minus(Duration.ofDays(1)));
    control(WalFiles.SYSTEM);
    define("kept", "7d");
    backup("ours", "plugin", OURS, "orders", "completed", "u-1", recent);
    note(recent, "u-1");

    whileArchiving(() -> assertThat(notes()).isEmpty());

    assertThat(backups()).containsExactly("ours");
  }

  @Test
  void nothingFollowsFromAnEmptyArchive() throws Exception {
    control(WalFiles.SYSTEM);

    assertStaysNotedAndThere("u-1");
  }

  @Test
  void nothingFollowsFromAnArchiveOfAnotherDatabase() throws Exception {
    backedUp(Instant.now().minus(Duration.ofDays(1)));
    control(42);

    assertStaysNotedAndThere("u-1");
  }

  @Test
  void nothingFollowsFromAnotherClustersDeletion() throws Exception {
    backedUp(Instant.now().minus(Duration.ofDays(1)));
    control(WalFiles.SYSTEM);

    assertStaysNotedAndThere("u-0");
  }

  @Test
  void nothingFollowsWhereTheCatalogueCannotBeReadCompletely() throws Exception {
    String damaged = backedUp(Instant.now().minus(Duration.ofDays(1)));
    control(WalFiles.SYSTEM);
    define("kept", "7d");
    String gone = "20260101T000000";
    backup("ours", "plugin", OURS, "orders", "completed", "u-1", gone);
    note(gone, "u-1");
    Path info = bucket.resolve("orders/base/" + damaged + "/backup.info");
    byte[] sound = Files.readAllBytes(info);
    Files.writeString(info, "status");

    await()
        .atMost(Duration.ofSeconds(60))
        .during(Duration.ofSeconds(2))
        .untilAsserted(
            () -> {
              archiveAsPrimary();
              assertThat(backups()).containsExactly("ours");
              assertThat(notes()).containsExactly(gone);
            });

    Files.write(info, sound);
    whileArchiving(() -> assertThat(backups()).isEmpty());
  }

  /** Two backups before a window of seven days; the older one, whose id is returned, is to go. */
  private String retentionDeletesOneOfTwo() throws Exception {
    Instant now = Instant.now();
    String old = backedUp(now.minus(Duration.ofDays(40)));
    backedUp(now.minus(Duration.ofDays(20)));
    control(WalFiles.SYSTEM);
    define("kept", "7d");
    return old;
  }

  private void assertStaysNotedAndThere(String noted) throws Exception {
    String gone = "20260101T000000";
    define("kept", "7d");
    backup("ours", "plugin", OURS, "orders", "completed", "u-1", gone);
    note(gone, noted);

    whileArchiving(() -> assertThat(door.asked).anyMatch(request -> request.startsWith(CARED)));

    assertThat(backups()).containsExactly("ours");
    assertThat(notes()).containsExactly(gone);
  }

  private void note(String backupId, String uid) throws Exception {
    Path folder = Files.createDirectories(bucket.resolve("orders/howdah-deleted"));
    Files.writeString(
        folder.resolve(backupId),
        "{\"clusterUid\": \"%s\", \"rule\": \"outside-window\"}".formatted(uid));
  }

  private List<String> notes() throws Exception {
    Path folder = bucket.resolve("orders/howdah-deleted");
    if (!Files.exists(folder)) {
      return List.of();
    }
    try (var files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  // Care comes with WAL that is archived.
  private void whileArchiving(ThrowingRunnable assertion) {
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              archiveAsPrimary();
              assertion.run();
            });
  }

  private void archiveAsPrimary() throws Exception {
    archive(
        CallContext.of(
            """
            {'metadata': {'name': 'orders', 'namespace': 'shop', 'uid': 'u-1'},
             'spec': {'plugins': [{%s, 'isWALArchiver': true,
               'parameters': {'barmanObjectName': 'kept', 'redundancyCounts': 'whole',
                 'verificationInterval': 'off'}}]},
             'status': {'currentPrimary': 'orders-1'}}
            """
                .formatted(PLUGIN)),
        WalFiles.sound(ONE, WalFiles.SYSTEM));
  }

  private List<String> backups() {
    return door
        .client()
        .genericKubernetesResources(BackupResources.BACKUPS)
        .inNamespace("shop")
        .list()
        .getItems()
        .stream()
        .map(it -> it.getMetadata().getName())
        .toList();
  }

  private void backup(
      String name,
      String method,
      String plugin,
      String cluster,
      String phase,
      String uid,
      String id) {
    door.client()
        .genericKubernetesResources(BackupResources.BACKUPS)
        .inNamespace("shop")
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: postgresql.cnpg.io/v1
                kind: Backup
                metadata: {name: %s, namespace: shop}
                spec:
                  method: %s
                  pluginConfiguration: {name: '%s'}
                  cluster: {name: %s}
                status: {phase: %s, backupId: '%s', pluginMetadata: {clusterUID: %s}}
                """
                    .formatted(name, method, plugin, cluster, phase, id, uid),
                GenericKubernetesResource.class))
        .create();
  }
}
