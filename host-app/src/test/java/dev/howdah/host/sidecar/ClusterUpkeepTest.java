package dev.howdah.host.sidecar;

import static dev.howdah.host.sidecar.Instances.container;
import static dev.howdah.host.sidecar.Instances.podSpec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.OperatorObjects;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A host beside the operator, against an API server: what it reads there and what it keeps. */
@Timeout(120)
class ClusterUpkeepTest {

  private static final String TUNING = "tuning.example.com";
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final ResourceDefinitionContext CLUSTERS =
      new ResourceDefinitionContext.Builder()
          .withGroup("postgresql.cnpg.io")
          .withVersion("v1")
          .withKind("Cluster")
          .withPlural("clusters")
          .withNamespaced(true)
          .build();

  private static final String SETTINGS =
      """
      revisions:
        1:
          image: registry.example/howdah:1
          plugins:
            - {name: tuning.example.com, id: tuning, enrich: 2}
      settings:
        plugins.tuning.factor: '4'
        plugins.elsewhere.factor: '5'
        start.timeout: 20s
      """;

  @TempDir Path home;

  private final HostBesideApi api = new HostBesideApi();
  private final KubernetesClient kubernetes = api.kubernetes();

  private Instances instances;

  @BeforeEach
  void start() throws IOException {
    put(SETTINGS);
    HostClient client =
        api.start(
            home,
            EmbeddedHost.in(home)
                .classPathPlugins()
                .property("howdah.sidecar.config-map", "howdah-sidecar")
                .property("howdah.sidecar.upkeep-interval", "1s")
                .property("howdah.kubernetes.identity", "replica-0")
                .property("howdah.kubernetes.lease-duration", "2s")
                .plugin(
                    "tuning",
                    TestPlugin.of(
                        TUNING,
                        hooks ->
                            hooks.enrichConfiguration(
                                2, (configuration, operation, context) -> Map.of()))));
    instances = new Instances(client::socket);
  }

  @AfterEach
  void stop() throws Exception {
    api.close();
  }

  @Test
  void aClusterWithoutPodsGetsItsSettingsAndItsEnrichmentAtOnce() {
    create(cluster());

    await().atMost(PATIENCE).until(() -> "tuning@2".equals(annotation()));
    ConfigMap settings = kubernetes.configMaps().inNamespace("app").withName("orders-howdah").get();
    assertThat(settings.getData())
        .containsExactly(
            Map.entry(
                "application.properties",
                "howdah.plugins.tuning.factor=4\nhowdah.start.timeout=20s\n"));
    assertThat(settings.getMetadata().getOwnerReferences())
        .singleElement()
        .satisfies(
            owner -> {
              assertThat(owner.getKind()).isEqualTo("Cluster");
              assertThat(owner.getName()).isEqualTo("orders");
            });

    put(SETTINGS.replace("'4'", "'6'"));
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        kubernetes
                            .configMaps()
                            .inNamespace("app")
                            .withName("orders-howdah")
                            .get()
                            .getData()
                            .get("application.properties"))
                    .contains("howdah.plugins.tuning.factor=6"));
  }

  @Test
  void enrichmentBecomesActiveOnceEveryInstanceHasTheSidecar() {
    for (int instance = 1; instance <= 3; instance++) {
      createPod(instance, OperatorObjects.json("pod-instance"));
    }
    create(cluster());
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                kubernetes.configMaps().inNamespace("app").withName("orders-howdah").get() != null);
    assertThat(annotation()).isNull();

    for (int instance = 3; instance >= 1; instance--) {
      assertThat(annotation()).isNull();
      kubernetes.pods().inNamespace("app").withName("orders-" + instance).delete();
      createPod(
          instance,
          instances.evaluate(cluster(), OperatorObjects.json("pod-instance"), List.of(TUNING)));
    }
    await().atMost(PATIENCE).until(() -> "tuning@2".equals(annotation()));

    // Disabled again: nothing is active any more.
    kubernetes
        .genericKubernetesResources(CLUSTERS)
        .inNamespace("app")
        .withName("orders")
        .edit(
            cluster -> {
              Map<String, Object> spec = cluster.get("spec");
              spec.put("plugins", List.of());
              return cluster;
            });
    await().atMost(PATIENCE).until(() -> annotation() == null);
  }

  @Test
  void allPodsFollowTheConfigMap() {
    assertThat(image()).isEqualTo("registry.example/howdah:1");

    put(SETTINGS.replace("howdah:1", "howdah:1.1"));
    await().atMost(PATIENCE).until(() -> image().equals("registry.example/howdah:1.1"));

    put("image: wrong");
    kubernetes.configMaps().inNamespace("cnpg-system").withName("howdah-sidecar").delete();
    assertThat(image()).isEqualTo("registry.example/howdah:1.1");
  }

  @Test
  void withoutTheConfigMapNoPodIsMade() throws IOException {
    HostClient lost =
        api.start(
            home,
            EmbeddedHost.in(home.resolve("lost"))
                .classPathPlugins()
                .property("howdah.sidecar.config-map", "nowhere")
                .property("howdah.kubernetes.identity", "replica-1")
                .plugin(
                    "tuning",
                    TestPlugin.of(
                        TUNING,
                        hooks ->
                            hooks.enrichConfiguration(
                                1, (configuration, operation, context) -> Map.of()))));
    Instances lostInstances = new Instances(lost::socket);

    assertThatThrownBy(
            () ->
                lostInstances.create(
                    cluster(), OperatorObjects.json("pod-instance-create"), List.of(TUNING)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
  }

  private String image() {
    byte[] pod =
        instances.evaluate(cluster(), OperatorObjects.json("pod-instance"), List.of(TUNING));
    return container(podSpec(pod), "initContainers", "howdah").path("image").stringValue();
  }

  private static Cluster cluster() {
    return Clusters.naming(TUNING);
  }

  private void create(Cluster cluster) {
    kubernetes
        .genericKubernetesResources(CLUSTERS)
        .inNamespace("app")
        .resource(
            kubernetes
                .getKubernetesSerialization()
                .unmarshal(
                    new String(cluster.toBytes(), StandardCharsets.UTF_8),
                    GenericKubernetesResource.class))
        .create();
  }

  private void createPod(int instance, byte[] json) {
    Pod pod =
        kubernetes
            .getKubernetesSerialization()
            .unmarshal(new String(json, StandardCharsets.UTF_8), Pod.class);
    pod.getMetadata().setName("orders-" + instance);
    kubernetes.pods().inNamespace("app").resource(pod).create();
  }

  private @Nullable String annotation() {
    Map<String, String> annotations =
        kubernetes
            .genericKubernetesResources(CLUSTERS)
            .inNamespace("app")
            .withName("orders")
            .get()
            .getMetadata()
            .getAnnotations();
    return annotations == null ? null : annotations.get("howdah.dev/enrich");
  }

  private void put(String settings) {
    ConfigMap configMap =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName("howdah-sidecar")
            .withNamespace("cnpg-system")
            .endMetadata()
            .addToData("sidecar.yaml", settings)
            .build();
    if (kubernetes.resource(configMap).get() == null) {
      kubernetes.resource(configMap).create();
    } else {
      kubernetes.resource(configMap).update();
    }
  }
}
