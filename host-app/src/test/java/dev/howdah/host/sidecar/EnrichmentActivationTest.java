package dev.howdah.host.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.OperatorObjects;
import dev.howdah.host.config.SidecarSettings;
import dev.howdah.host.config.SidecarSettings.CarriedPlugin;
import dev.howdah.host.config.SidecarSettings.LogLevel;
import dev.howdah.host.config.SidecarSettings.Revision;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.proto.metrics.DefineMetricsRequest;
import dev.howdah.proto.metrics.DefineMetricsResult;
import dev.howdah.proto.metrics.MetricsGrpc;
import dev.howdah.proto.postgres.EnrichConfigurationRequest;
import dev.howdah.proto.postgres.OperationType;
import dev.howdah.proto.postgres.PostgresGrpc;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;

/**
 * Sidecars of two versions in one Cluster: whatever its annotation says, all instances have the
 * same configuration, or the one that can't keeps what it has.
 */
@Timeout(120)
class EnrichmentActivationTest {

  private static final String TUNING = "tuning.example.com";
  private static final String MEMORY = "memory.example.com";
  private static final String METRICS = "metrics.howdah.dev";
  private static final Map<String, String> ORIGINAL =
      OperatorObjects.configuration("enrich-configs");

  @TempDir static Path home;

  private static EmbeddedHost olderHost;
  private static EmbeddedHost newerHost;
  private static HostClient olderClient;
  private static HostClient newerClient;
  private static Channel older;
  private static Channel newer;
  private static Channel olderMetrics;
  private static Channel newerMetrics;

  @BeforeAll
  static void start() {
    olderHost = sidecar("older", 1, 2);
    newerHost = sidecar("newer", 2, 3);
    olderClient = new HostClient(olderHost);
    newerClient = new HostClient(newerHost);
    older = olderClient.socket(TUNING);
    newer = newerClient.socket(TUNING);
    olderMetrics = olderClient.socket(METRICS);
    newerMetrics = newerClient.socket(METRICS);
  }

  /** A sidecar whose plugin has two revisions of its enrichment, and another plugin before it. */
  private static EmbeddedHost sidecar(String name, int previous, int current) {
    return EmbeddedHost.in(home.resolve(name))
        .classPathPlugins("dev.howdah.plugins.metrics")
        .property("howdah.mode", "instance")
        .property("howdah.sockets.directory", home.resolve(name).resolve("plugins"))
        .property("howdah.instance.plugins", String.join(",", MEMORY, METRICS, TUNING))
        .plugin(
            "tuning",
            TestPlugin.of(
                TUNING,
                hooks -> {
                  hooks.enrichConfiguration(
                      previous, (configuration, operation, context) -> workMem(previous));
                  hooks.enrichConfiguration(
                      current, (configuration, operation, context) -> workMem(current));
                }))
        .plugin(
            "memory",
            TestPlugin.of(
                MEMORY,
                hooks ->
                    hooks.enrichConfiguration(
                        1,
                        (configuration, operation, context) ->
                            Map.of("maintenance_work_mem", "70MB"))))
        .start();
  }

  private static Map<String, String> workMem(int revision) {
    return Map.of("work_mem", revision + "MB");
  }

  @AfterAll
  static void stop() {
    olderClient.close();
    newerClient.close();
    olderHost.close();
    newerHost.close();
  }

  @Test
  void nothingIsActiveWithoutTheAnnotation() {
    assertThat(ask(older, cluster(null))).isEmpty();
    assertThat(ask(newer, cluster(null))).isEmpty();
    assertThat(ask(newer, cluster(""))).isEmpty();
    assertThat(ask(newer, cluster("other@1"))).isEmpty();
  }

  @Test
  void theNamedRevisionIsActiveInBothVersions() {
    Map<String, String> answer = ask(older, cluster("tuning@2"));

    assertThat(answer).containsEntry("work_mem", "2MB").doesNotContainValue("70MB");
    assertThat(ask(newer, cluster("tuning@2"))).isEqualTo(answer);
  }

  @Test
  void severalEntriesAreChainedTheSameInBothVersions() {
    Map<String, String> answer = ask(older, cluster("memory@1, tuning@2"));

    assertThat(answer)
        .containsEntry("work_mem", "2MB")
        .containsEntry("maintenance_work_mem", "70MB");
    assertThat(ask(newer, cluster("memory@1,tuning@2"))).isEqualTo(answer);
  }

  @Test
  void aSidecarThatDoesntHaveTheActiveRevisionRefusesInsteadOfAnsweringSomethingElse() {
    assertThat(ask(newer, cluster("tuning@3"))).containsEntry("work_mem", "3MB");
    assertThatThrownBy(() -> ask(older, cluster("tuning@3")))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
              assertThat(e)
                  .hasMessageContaining(
                      "revision 3 of its enrichment is active in the Cluster; this sidecar has 1,"
                          + " 2");
            });
  }

  @Test
  void theBootstrapFollowsTheSameAnnotationWithoutKind() {
    Cluster cluster =
        cluster("tuning@2")
            .with(
                json -> {
                  json.remove("apiVersion");
                  json.remove("kind");
                });

    assertThat(ask(newer, cluster, OperationType.Type.TYPE_INIT)).containsEntry("work_mem", "2MB");
  }

  /**
   * A plugin is enabled on three running instances, then gets a newer revision, then the older one
   * again. Instances are rolled one after the other, and the leader sees each step late.
   */
  @Test
  void atEveryStepOfARolloutAllInstancesHaveTheSameConfiguration() {
    List<Optional<Integer>> instances =
        new ArrayList<>(List.of(Optional.empty(), Optional.empty(), Optional.empty()));
    List<String> active = new ArrayList<>(List.of(""));

    for (int newest : List.of(2, 3, 2)) {
      step(newest, instances, active);
      for (int instance = 2; instance >= 0; instance--) {
        instances.set(instance, Optional.of(newest));
        step(newest, instances, active);
      }
    }

    assertThat(active)
        .containsExactly(
            "",
            // Enabled: nothing until the last instance has a sidecar.
            "",
            "",
            "",
            "tuning@2",
            // Upgraded.
            "tuning@2",
            "tuning@2",
            "tuning@2",
            "tuning@3",
            // Taken back: first what the older sidecar can do, too.
            "tuning@2",
            "tuning@2",
            "tuning@2",
            "tuning@2");
  }

  private static void step(int newest, List<Optional<Integer>> instances, List<String> active) {
    String before = active.getLast();
    String now =
        EnrichmentActivation.write(
            EnrichmentRollout.entries(
                plan(newest), instances.stream().map(EnrichmentActivationTest::pod).toList()));
    active.add(now);
    for (String annotation : List.of(before, now)) {
      Set<Map<String, String>> configurations = new HashSet<>();
      instances.forEach(it -> configurations.add(configuration(it, cluster(annotation))));
      assertThat(configurations).as("with %s on %s", annotation, instances).hasSize(1);
      Set<DefineMetricsResult> metrics = new HashSet<>();
      instances.stream()
          .flatMap(Optional::stream)
          .forEach(it -> metrics.add(metrics(it, cluster(annotation))));
      assertThat(metrics).as("metrics with %s", annotation).hasSizeLessThanOrEqualTo(1);
      assertThat(metrics).allMatch(it -> it.getMetricsCount() > 0);
    }
  }

  /** What an instance is configured with: the operator's own where no plugin says anything. */
  private static Map<String, String> configuration(Optional<Integer> newest, Cluster cluster) {
    Map<String, String> answer =
        newest.map(it -> ask(it == 2 ? older : newer, cluster)).orElse(Map.of());
    return answer.isEmpty() ? new TreeMap<>(ORIGINAL) : answer;
  }

  /** What the real metrics plugin beside them defines, whatever version its sidecar has. */
  private static DefineMetricsResult metrics(int newest, Cluster cluster) {
    return MetricsGrpc.newBlockingStub(newest == 2 ? olderMetrics : newerMetrics)
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .define(
            DefineMetricsRequest.newBuilder()
                .setClusterDefinition(Clusters.bytes(cluster))
                .build());
  }

  private static Optional<SidecarPlan> plan(int newest) {
    Revision revision =
        new Revision(
            "registry.example/howdah:" + newest,
            null,
            1,
            LogLevel.INFO,
            null,
            List.of(),
            List.of(),
            List.of(
                new CarriedPlugin(METRICS, "metrics", 0, null, null),
                new CarriedPlugin(TUNING, "tuning", newest, null, null)));
    return SidecarPlan.of(
        new SidecarSettings(1, Map.of(1, revision), List.of(), Map.of()), cluster(null), List.of());
  }

  private static Pod pod(Optional<Integer> newest) {
    PodBuilder pod = new PodBuilder().withNewSpec().endSpec();
    return newest
        .map(
            it ->
                pod.editSpec()
                    .addNewInitContainer()
                    .withName("howdah")
                    .addNewEnv()
                    .withName("HOWDAH_INSTANCE_ENRICHMENTS")
                    .withValue("tuning@" + it)
                    .endEnv()
                    .endInitContainer()
                    .endSpec())
        .orElse(pod)
        .build();
  }

  private static Cluster cluster(@Nullable String annotation) {
    return Clusters.naming(MEMORY, METRICS, TUNING)
        .with(
            json -> {
              if (annotation != null) {
                ((ObjectNode) json.at("/metadata/annotations"))
                    .put("howdah.dev/enrich", annotation);
              }
            });
  }

  private static Map<String, String> ask(Channel sidecar, Cluster cluster) {
    return ask(sidecar, cluster, OperationType.Type.TYPE_RECONCILE);
  }

  private static Map<String, String> ask(
      Channel sidecar, Cluster cluster, OperationType.Type operation) {
    return new TreeMap<>(
        PostgresGrpc.newBlockingStub(sidecar)
            .withDeadlineAfter(20, TimeUnit.SECONDS)
            .enrichConfiguration(
                EnrichConfigurationRequest.newBuilder()
                    .setClusterDefinition(Clusters.bytes(cluster))
                    .setOperationType(OperationType.newBuilder().setType(operation))
                    .putAllConfigs(ORIGINAL)
                    .build())
            .getConfigsMap());
  }
}
