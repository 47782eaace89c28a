package dev.howdah.plugins.objectstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.config.ObjectStoreApi;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Backup resources go with the backup that a command deletes, with an API server on a socket. */
@Timeout(120)
class DeletionWithClusterTest {

  private static final String OLD = "20260301T000000";
  private static final String NEW = "20260302T000000";

  @TempDir Path scratch;

  private KubernetesMockServer server;
  private KubernetesClient client;
  private Path root;

  @BeforeEach
  void start() throws Exception {
    MockWebServer web = new MockWebServer();
    // The JDK's client sometimes loses a connection while both change to HTTP/2 on it.
    web.setHttp2ClearTextEnabled(false);
    server =
        new KubernetesMockServer(
            new Context(), web, new HashMap<>(), new KubernetesCrudDispatcher(List.of()), false);
    server.init();
    client = server.createClient();
    root = Files.createDirectory(scratch.resolve("root"));
    archive(OLD, "2026-03-01T00:00:00Z", 2);
    archive(NEW, "2026-03-02T00:00:00Z", 4);
    Files.writeString(
        scratch.resolve("kubeconfig"),
        """
        apiVersion: v1
        kind: Config
        current-context: test
        clusters: [{name: test, cluster: {server: '%s'}}]
        contexts: [{name: test, context: {cluster: test, user: test}}]
        users: [{name: test, user: {}}]
        """
            .formatted(server.url("/")));
  }

  @AfterEach
  void stop() {
    client.close();
    server.destroy();
  }

  @Test
  void theBackupResourceOfThisClusterGoesAndNoOther() {
    String uid = cluster();
    backup("ours", "orders", NEW, uid, "object-store.howdah.dev");
    backup("older", "orders", OLD, uid, "object-store.howdah.dev");
    backup("others", "customers", NEW, "uid-2", "object-store.howdah.dev");
    backup("before", "orders", NEW, "uid-0", "object-store.howdah.dev");
    backup("foreign", "orders", NEW, uid, "backup.example.com");

    ObjectStoreCommandRun run = delete();

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("deleted " + NEW)
        .contains("deleted the Backup shop/ours")
        .doesNotContain("stay");
    assertThat(backups()).containsExactlyInAnyOrder("older", "others", "before", "foreign");
    assertThat(root.resolve("orders/base/" + NEW)).doesNotExist();
  }

  @Test
  void nothingIsDeletedIfTheClusterIsNotThere() {
    ObjectStoreCommandRun run = delete();

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("there is no Cluster shop/orders, so nothing is deleted");
    assertThat(root.resolve("orders/base/" + NEW + "/backup.info")).exists();
  }

  @Test
  void anotherClusterWhoseBackupHasTheSameIdLosesNothing() {
    cluster();
    String uid = cluster("customers", "{barmanObjectName: backups}", "");
    backup("theirs", "customers", NEW, uid, "object-store.howdah.dev");
    backup("older", "customers", OLD, uid, "object-store.howdah.dev");

    assertRefused(delete("shop/customers"), "it archives as server 'customers'");
    assertRefused(retain("shop/customers", List.of("--yes")), "it archives as server 'customers'");
    assertThat(backups()).containsExactlyInAnyOrder("theirs", "older");
  }

  @Test
  void aClusterOfTheSameServerNameInAnotherPlaceLosesNothing() {
    objectStore("s3://elsewhere/orders");
    String uid = cluster("orders", "{barmanObjectName: backups}", "");
    backup("theirs", "orders", NEW, uid, "object-store.howdah.dev");

    assertRefused(delete(), "it archives to s3://elsewhere/orders");
    assertThat(backups()).containsExactly("theirs");
  }

  @Test
  void aClusterWithAnotherDatabaseLosesNothing() throws Exception {
    archive(OLD, "2026-03-01T00:00:00Z", 2, "7300000000000000001");
    archive(NEW, "2026-03-02T00:00:00Z", 4, "7300000000000000001");
    objectStore(root.toUri().toString());
    String uid = cluster("orders", "{barmanObjectName: backups}", "7300000000000000002");
    backup("theirs", "orders", NEW, uid, "object-store.howdah.dev");

    assertRefused(
        delete(),
        "its database has the system identifier 7300000000000000002, and the backups are of"
            + " 7300000000000000001");
    assertThat(backups()).containsExactly("theirs");
  }

  @Test
  void aClusterOfTheSameDatabaseNeedsNoObjectStoreToBeKnown() throws Exception {
    archive(OLD, "2026-03-01T00:00:00Z", 2, "7300000000000000001");
    archive(NEW, "2026-03-02T00:00:00Z", 4, "7300000000000000001");
    String uid = cluster("written-by", "{serverName: orders}", "7300000000000000001");
    backup("ours", "written-by", NEW, uid, "object-store.howdah.dev");

    ObjectStoreCommandRun run = delete("shop/written-by");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(backups()).isEmpty();
  }

  @Test
  void aClusterOfWhichNobodyCanTellLosesNothing() {
    cluster("orders", "{barmanObjectName: missing}", "");

    assertRefused(delete(), "so that nobody can tell");
  }

  private void assertRefused(ObjectStoreCommandRun run, String why) {
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains(why).contains("So nothing is deleted");
    assertThat(root.resolve("orders/base/" + OLD + "/backup.info")).exists();
    assertThat(root.resolve("orders/base/" + NEW + "/backup.info")).exists();
  }

  @Test
  void aClusterWithoutNamespaceIsAMistakeOfTheCommandLine() {
    ObjectStoreCommandRun run =
        ObjectStoreCommandRun.over(root, "orders", "delete", NEW, "--yes", "--cluster", "orders");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("is not a namespace and a name");
    assertThat(root.resolve("orders/base/" + NEW + "/backup.info")).exists();
  }

  @Test
  void retentionTakesTheBackupResourcesOfWhatItDeletes() {
    String uid = cluster();
    backup("newer", "orders", NEW, uid, "object-store.howdah.dev");
    backup("ours", "orders", OLD, uid, "object-store.howdah.dev");
    backup("others", "customers", OLD, "uid-2", "object-store.howdah.dev");

    ObjectStoreCommandRun dry = retain("--dry-run");
    assertThat(dry.exitCode()).as(dry.err()).isZero();
    assertThat(dry.out())
        .contains("delete      " + OLD)
        .contains("and the Backup shop/ours")
        .contains("nothing was deleted");
    assertThat(backups()).hasSize(3);

    ObjectStoreCommandRun run = retain("--yes");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("deleted the Backup shop/ours")
        .contains("deleted 1 backups and 2 WAL files")
        .doesNotContain("with --cluster");
    assertThat(backups()).containsExactlyInAnyOrder("newer", "others");
    assertThat(root.resolve("orders/base/" + OLD)).doesNotExist();
    assertThat(root.resolve("orders/base/" + NEW + "/backup.info")).exists();
  }

  @Test
  void retentionNamesTheBackupResourcesInJsonToo() {
    backup("ours", "orders", OLD, cluster(), "object-store.howdah.dev");

    JsonNode dry = JsonMapper.shared().readTree(retain("--dry-run", "--json").out());
    assertThat(dry.at("/resources/0").asString()).isEqualTo("shop/ours");
    assertThat(backups()).hasSize(1);

    JsonNode done = JsonMapper.shared().readTree(retain("--yes", "--json").out());
    assertThat(done.at("/resources/0").asString()).isEqualTo("shop/ours");
    assertThat(done.path("resourcesLeft").isEmpty()).isTrue();
    assertThat(backups()).isEmpty();
  }

  @Test
  void retentionDeletesNothingIfTheClusterIsNotThere() {
    ObjectStoreCommandRun run = retain("--yes");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("there is no Cluster shop/orders, so nothing is deleted");
    assertThat(root.resolve("orders/base/" + OLD + "/backup.info")).exists();
  }

  private ObjectStoreCommandRun retain(String... more) {
    return retain("shop/orders", List.of(more));
  }

  private ObjectStoreCommandRun retain(String cluster, List<String> more) {
    List<String> words =
        new ArrayList<>(
            List.of("retain", "--window", "1d", "--count-unverified", "--cluster", cluster));
    words.addAll(List.of("--kubeconfig", scratch.resolve("kubeconfig").toString()));
    words.addAll(more);
    return ObjectStoreCommandRun.over(root, "orders", words.toArray(String[]::new));
  }

  private ObjectStoreCommandRun delete() {
    return delete("shop/orders");
  }

  private ObjectStoreCommandRun delete(String cluster) {
    return ObjectStoreCommandRun.over(
        root,
        "orders",
        "delete",
        NEW,
        "--yes",
        "--cluster",
        cluster,
        "--kubeconfig",
        scratch.resolve("kubeconfig").toString());
  }

  /** A backup that looks whole, in two segments of WAL. */
  private void archive(String id, String end, int segment) throws Exception {
    archive(id, end, segment, null);
  }

  private void archive(String id, String end, int segment, @Nullable String systemId)
      throws Exception {
    Path folder = Files.createDirectories(root.resolve("orders/base/" + id));
    Path wal = Files.createDirectories(root.resolve("orders/wals/0000000100000000"));
    String first = "00000001000000000000000" + segment;
    String last = "00000001000000000000000" + (segment + 1);
    for (String name : List.of(first, last)) {
      Files.writeString(wal.resolve(name), "x");
    }
    Files.writeString(folder.resolve("data.tar"), "not really");
    BackupInfo.Builder info =
        BackupInfo.builder()
            .put("status", "DONE")
            .put("begin_time", Instant.parse(end).minusSeconds(60))
            .put("end_time", Instant.parse(end))
            .put("begin_wal", first)
            .put("end_wal", last)
            .put("begin_xlog", "0/%d000028".formatted(segment))
            .put("end_xlog", "0/%d000100".formatted(segment + 1))
            .put("timeline", 1);
    if (systemId != null) {
      info.put("systemid", systemId);
    }
    Files.write(folder.resolve("backup.info"), info.build().toBytes());
  }

  private String cluster() {
    objectStore(root.toUri().toString());
    return cluster("orders", "{barmanObjectName: backups}", "");
  }

  // The API server gives it its uid.
  private String cluster(String name, String parameters, String systemId) {
    return create(
            "Cluster",
            "clusters",
            """
            apiVersion: postgresql.cnpg.io/v1
            kind: Cluster
            metadata: {name: %s, namespace: shop}
            spec: {plugins: [{name: object-store.howdah.dev, parameters: %s}]}
            status: {systemID: '%s'}
            """
                .formatted(name, parameters, systemId))
        .getMetadata()
        .getUid();
  }

  private void objectStore(String destination) {
    client
        .genericKubernetesResources(ObjectStoreApi.DEFINITION)
        .inNamespace("shop")
        .resource(
            Serialization.unmarshal(
                """
                apiVersion: barmancloud.cnpg.io/v1
                kind: ObjectStore
                metadata: {name: backups, namespace: shop}
                spec: {configuration: {destinationPath: '%s'}}
                """
                    .formatted(destination),
                GenericKubernetesResource.class))
        .create();
  }

  private void backup(String name, String cluster, String id, String uid, String plugin) {
    create(
        "Backup",
        "backups",
        """
        apiVersion: postgresql.cnpg.io/v1
        kind: Backup
        metadata: {name: %s, namespace: shop}
        spec: {method: plugin, pluginConfiguration: {name: %s}, cluster: {name: %s}}
        status: {phase: completed, backupId: '%s', pluginMetadata: {clusterUID: %s}}
        """
            .formatted(name, plugin, cluster, id, uid));
  }

  private GenericKubernetesResource create(String kind, String plural, String yaml) {
    return client
        .genericKubernetesResources(resource(kind, plural))
        .inNamespace("shop")
        .resource(Serialization.unmarshal(yaml, GenericKubernetesResource.class))
        .create();
  }

  private List<String> backups() {
    return client
        .genericKubernetesResources(resource("Backup", "backups"))
        .inNamespace("shop")
        .list()
        .getItems()
        .stream()
        .map(it -> it.getMetadata().getName())
        .toList();
  }

  private static ResourceDefinitionContext resource(String kind, String plural) {
    return new ResourceDefinitionContext.Builder()
        .withGroup("postgresql.cnpg.io")
        .withVersion("v1")
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }
}
