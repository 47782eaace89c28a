package dev.howdah.host.sidecar;

import static dev.howdah.host.sidecar.Instances.container;
import static dev.howdah.host.sidecar.Instances.names;
import static dev.howdah.host.sidecar.Instances.podSpec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.OperatorObjects;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.NonDeletingOperation;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Pods and Jobs of Clusters with ObjectStores, as a whole host patches them that is asked as the
 * operator does.
 */
@Timeout(120)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ObjectStoreSidecarTest {

  private static final String PLUGIN = "object-store.howdah.dev";
  private static final String SECRETS = "/etc/howdah/secrets";
  private static final String TOKEN = "/var/run/secrets/kubernetes.io/serviceaccount";

  private static final ResourceDefinitionContext OBJECT_STORES =
      new ResourceDefinitionContext.Builder()
          .withGroup("barmancloud.cnpg.io")
          .withVersion("v1")
          .withKind("ObjectStore")
          .withPlural("objectstores")
          .withNamespaced(true)
          .build();

  @TempDir static Path home;

  private final HostBesideApi api = new HostBesideApi();
  private final KubernetesClient kubernetes = api.kubernetes();

  private Instances instances;

  @BeforeAll
  void start() throws Exception {
    HostClient client =
        api.start(
            home,
            EmbeddedHost.in(home)
                .classPathPlugins("dev.howdah.plugins.objectstore")
                .property("howdah.sidecar.inline.revisions.1.image", "registry.example/howdah:1"));
    instances = new Instances(client::tcp);
  }

  @AfterAll
  void stop() throws Exception {
    api.close();
  }

  @Test
  void anInstancesSidecarGetsTheSecretsOfItsStoresAndTheWayToTheApi() {
    Cluster cluster = Clusters.with(PLUGIN, Map.of("barmanObjectName", "backups"));
    objectStore(cluster, "backups", "aws");

    byte[] made =
        instances.create(cluster, OperatorObjects.json("pod-instance-create"), List.of(PLUGIN));

    JsonNode sidecar = container(podSpec(made), "initContainers", "howdah");
    assertThat(mountPaths(sidecar))
        .contains(SECRETS, TOKEN, "/plugins", "/var/lib/postgresql/data");
    assertThat(value(sidecar, "HOWDAH_INSTANCE_PLUGINS")).isEqualTo(PLUGIN);
    assertThat(value(sidecar, "HOWDAH_KUBERNETES_ENABLED")).isEqualTo("true");
    assertThat(secretFiles(podSpec(made)))
        .containsExactly("aws-ca/ca.crt", "aws/id", "aws/region", "aws/secret");
    assertThat(instances.create(cluster, made, List.of(PLUGIN))).isEqualTo(made);
  }

  @Test
  void aRunningInstanceIsAskedForTheSameAndForAnotherSecretIsRolled() {
    Cluster cluster = Clusters.with(PLUGIN, Map.of("barmanObjectName", "changing"));
    objectStore(cluster, "changing", "aws");
    byte[] pod = OperatorObjects.json("pod-instance");
    byte[] before = instances.evaluate(cluster, pod, List.of(PLUGIN));

    assertThat(instances.evaluate(cluster, pod, List.of(PLUGIN))).isEqualTo(before);
    objectStore(cluster, "changing", "other");

    assertThat(secretFiles(podSpec(instances.evaluate(cluster, pod, List.of(PLUGIN)))))
        .contains("other/id")
        .doesNotContain("aws/id");
  }

  @Test
  void aPodThatBootstrapsItselfAndAJobThatRestoresGetTheSecretsOfTheSource() {
    Cluster cluster =
        Clusters.naming()
            .with(
                json -> {
                  ObjectNode spec = (ObjectNode) json.path("spec");
                  spec.remove("plugins");
                  spec.remove("bootstrap");
                  spec.putObject("bootstrap").putObject("recovery").put("source", "origin");
                  ObjectNode origin = spec.putArray("externalClusters").addObject();
                  origin.put("name", "origin");
                  origin
                      .putObject("plugin")
                      .put("name", PLUGIN)
                      .putObject("parameters")
                      .put("barmanObjectName", "origin-backups");
                  if (json.path("status") instanceof ObjectNode status) {
                    status.remove("currentPrimary");
                  }
                });
    objectStore(cluster, "origin-backups", "origin");

    for (String object : List.of("pod-instance-create", "job-full-recovery")) {
      JsonNode spec =
          podSpec(instances.create(cluster, OperatorObjects.json(object), List.of(PLUGIN)));
      JsonNode sidecar = container(spec, "initContainers", "howdah");
      assertThat(mountPaths(sidecar)).as(object).contains(SECRETS, "/plugins");
      assertThat(secretFiles(spec)).as(object).contains("origin/id", "origin/secret");
    }
  }

  @Test
  void whileAnObjectStoreIsMissingNoPodIsMadeAndTheReasonNamesIt() {
    Cluster cluster = Clusters.with(PLUGIN, Map.of("barmanObjectName", "not-there"));

    assertThatThrownBy(
            () ->
                instances.create(
                    cluster, OperatorObjects.json("pod-instance-create"), List.of(PLUGIN)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal -> {
              assertThat(refusal.getStatus().getCode()).isNotEqualTo(Status.Code.OK);
              assertThat(refusal).hasMessageContaining("not-there");
            });
  }

  private void objectStore(Cluster cluster, String name, String secret) {
    GenericKubernetesResource resource =
        kubernetes
            .getKubernetesSerialization()
            .unmarshal(
                """
                apiVersion: barmancloud.cnpg.io/v1
                kind: ObjectStore
                metadata: {name: %1$s, namespace: %2$s}
                spec:
                  configuration:
                    destinationPath: s3://backups/prod
                    endpointURL: https://s3.example
                    endpointCA: {name: %3$s-ca, key: ca.crt}
                    s3Credentials:
                      accessKeyId: {name: %3$s, key: id}
                      secretAccessKey: {name: %3$s, key: secret}
                      region: {name: %3$s, key: region}
                """
                    .formatted(name, cluster.namespace(), secret),
                GenericKubernetesResource.class);
    kubernetes
        .genericKubernetesResources(OBJECT_STORES)
        .inNamespace(cluster.namespace())
        .resource(resource)
        .createOr(NonDeletingOperation::update);
  }

  private static List<String> mountPaths(JsonNode container) {
    return container
        .path("volumeMounts")
        .valueStream()
        .map(it -> it.path("mountPath").stringValue())
        .toList();
  }

  private static String value(JsonNode container, String variable) {
    assertThat(names(container.path("env"))).contains(variable);
    return container
        .path("env")
        .valueStream()
        .filter(it -> it.path("name").stringValue().equals(variable))
        .findFirst()
        .orElseThrow()
        .path("value")
        .stringValue();
  }

  private static List<String> secretFiles(JsonNode podSpec) {
    return container(podSpec, "volumes", "howdah-object-store")
        .at("/projected/sources")
        .valueStream()
        .flatMap(source -> source.at("/secret/items").valueStream())
        .map(item -> item.path("path").stringValue())
        .sorted()
        .toList();
  }
}
