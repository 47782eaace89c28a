package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Http;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.backup.RestoreResult;
import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.wal.WalStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers that would hurt the operator or PostgreSQL never leave the host. */
class AnswersAtTheDoorTest {

  private static final AtomicInteger changing = new AtomicInteger();

  /**
   * One bad answer.
   *
   * @param id the id of the plugin that gives it
   * @param rpc the RPC that asks for it
   * @param rule the guard's rule that refuses it
   * @param hooks registers the hook that gives it
   */
  private record Bad(String id, String rpc, String rule, Consumer<Hooks> hooks) {
    String plugin() {
      return id + ".example.com";
    }

    @Override
    public String toString() {
      return id;
    }
  }

  private static final String LIFECYCLE = "OperatorLifecycle/LifecycleHook";
  private static final String STATUS = "Operator/SetStatusInCluster";
  private static final String ENRICH = "Postgres/EnrichConfiguration";

  private static final List<Bad> ANSWERS =
      List.of(
          new Bad("no-pod", LIFECYCLE, "answer-missing", on(pod -> null)),
          new Bad(
              "another-name",
              LIFECYCLE,
              "patch-identity",
              on(pod -> pod.editMetadata().withName("other").endMetadata().build())),
          new Bad(
              "no-annotations",
              LIFECYCLE,
              "patch-annotations",
              on(pod -> pod.editMetadata().withAnnotations(Map.of()).endMetadata().build())),
          new Bad(
              "no-containers",
              LIFECYCLE,
              "patch-containers",
              on(pod -> pod.editSpec().withContainers(List.of()).endSpec().build())),
          new Bad("no-status", STATUS, "answer-missing", it -> it.status(context -> null)),
          new Bad(
              "list-status",
              STATUS,
              "status-not-object",
              it -> it.status(context -> Optional.of(List.of(1)))),
          new Bad(
              "text-status",
              STATUS,
              "status-not-object",
              it -> it.status(context -> Optional.of("fine"))),
          new Bad(
              "big-status",
              STATUS,
              "status-too-large",
              it -> it.status(context -> Optional.of(Map.of("x", "y".repeat(20_000))))),
          new Bad(
              "counting-status",
              STATUS,
              "status-unstable",
              it -> it.status(context -> Optional.of(Map.of("n", changing.incrementAndGet())))),
          new Bad(
              "no-findings",
              "Operator/ValidateClusterCreate",
              "answer-missing",
              it -> it.validateCreate(context -> null)),
          new Bad(
              "blank-path",
              "Operator/ValidateClusterCreate",
              "finding-malformed",
              it ->
                  it.validateCreate(
                      context ->
                          List.of(ValidationFinding.error(List.of("spec", ""), "x", "wrong")))),
          new Bad(
              "no-defaults",
              "Operator/MutateCluster",
              "answer-missing",
              it -> it.defaults(context -> null)),
          new Bad(
              "renamed-cluster",
              "Operator/MutateCluster",
              "patch-identity",
              it ->
                  it.defaults(
                      context ->
                          context
                              .cluster()
                              .with(
                                  json ->
                                      json.withObjectProperty("metadata").put("name", "other")))),
          new Bad(
              "no-behaviour",
              "ReconcilerHooks/Pre",
              "answer-missing",
              it -> it.preReconcileCluster(context -> null)),
          new Bad(
              "no-definitions",
              "Metrics/Define",
              "answer-missing",
              it -> it.metrics(context -> null, context -> List.of())),
          new Bad(
              "twice-defined",
              "Metrics/Define",
              "metric-definition",
              it ->
                  it.metrics(
                      context ->
                          List.of(
                              MetricDefinition.gauge("twice_defined", "One."),
                              MetricDefinition.counter("twice_defined", "Two.")),
                      context -> List.of())),
          new Bad(
              "undefined-sample",
              "Metrics/Collect",
              "metric-sample",
              it ->
                  it.metrics(
                      context -> List.of(),
                      context -> List.of(MetricDefinition.gauge("unknown_one", "?").sample(1)))),
          new Bad(
              "label-count",
              "Metrics/Collect",
              "metric-sample",
              it ->
                  it.metrics(
                      context -> List.of(MetricDefinition.gauge("label_count", "?", "a", "b")),
                      context ->
                          List.of(MetricDefinition.gauge("label_count", "?", "a").sample(1, "x")))),
          new Bad(
              "no-enrichment",
              ENRICH,
              "answer-missing",
              it -> it.enrichConfiguration(1, (configuration, operation, context) -> null)),
          new Bad(
              "fixed-parameter",
              ENRICH,
              "configuration-fixed",
              it ->
                  it.enrichConfiguration(
                      1, (configuration, operation, context) -> Map.of("archive_command", "true"))),
          new Bad(
              "two-lines",
              ENRICH,
              "configuration-syntax",
              it ->
                  it.enrichConfiguration(
                      1,
                      (configuration, operation, context) -> Map.of("work_mem", "1MB\nport = 1"))),
          new Bad(
              "wal-order",
              "WAL/Status",
              "wal-status",
              it ->
                  it.walStatus(
                      context ->
                          new WalStatus(
                              "000000010000000000000009", "000000010000000000000001", Map.of()))),
          new Bad(
              "no-wal-status", "WAL/Status", "answer-missing", it -> it.walStatus(context -> null)),
          new Bad(
              "no-backup",
              "Backup/Backup",
              "answer-missing",
              it -> it.backup((request, context) -> null)),
          new Bad(
              "no-restore",
              "RestoreJobHooks/Restore",
              "answer-missing",
              it -> it.restore((request, context) -> null)),
          new Bad(
              "odd-environment",
              "RestoreJobHooks/Restore",
              "restore-environment",
              it ->
                  it.restore(
                      (request, context) ->
                          new RestoreResult("restore_command = 'true'\n", Map.of("A=B", "c")))));

  @TempDir static Path home;
  private static EmbeddedHost host;
  private static HostClient client;

  private interface Change {
    Pod to(PodBuilder pod);
  }

  private static Consumer<Hooks> on(Change change) {
    return hooks -> hooks.onCreate(Pod.class, (pod, context) -> change.to(new PodBuilder(pod)));
  }

  @BeforeAll
  static void start() {
    EmbeddedHost.Builder builder = EmbeddedHost.in(home).classPathPlugins();
    for (Bad bad : ANSWERS) {
      builder.plugin(bad.id(), TestPlugin.of(bad.plugin(), bad.hooks()));
      for (String rpc : List.of("pre", "set-status-in-cluster", "define", "collect")) {
        builder.property("howdah.plugins." + bad.id() + ".fail-policy." + rpc, "fail");
      }
    }
    host = builder.start();
    client = new HostClient(host);
  }

  @AfterAll
  static void stop() {
    client.close();
    host.close();
  }

  static Stream<Bad> answers() {
    return ANSWERS.stream();
  }

  @ParameterizedTest
  @MethodSource("answers")
  void itIsRefusedWithTheSameWordsEachTimeAndCounted(Bad bad) {
    Protocol.Rpc rpc = Protocol.rpc(bad.rpc());
    List<Status> statuses = new ArrayList<>();
    // The first of several changing answers can't be known for what it is.
    for (int i = 0; i < 4; i++) {
      statuses.add(
          rpc.status(client.socket(bad.plugin()), rpc.request(Clusters.naming(bad.plugin()))));
    }

    List<Status> refusals = statuses.subList(bad.rule().equals("status-unstable") ? 1 : 0, 4);
    assertThat(refusals)
        .allSatisfy(
            status -> {
              assertThat(status.getCode()).as("%s", status).isEqualTo(Status.Code.INTERNAL);
              assertThat(status.getDescription())
                  .startsWith("The answer of plugin '" + bad.plugin() + "' was refused: ")
                  .isEqualTo(refusals.getFirst().getDescription())
                  .doesNotContain("Exception");
            });
    assertThat(Http.get(host.httpBase() + "/actuator/prometheus").body())
        .contains(
            "howdah_guard_violations_total{plugin=\"%s\",rule=\"%s\"} %d.0"
                .formatted(bad.plugin(), bad.rule(), refusals.size()));
    assertThat(
            Http.json(host.httpBase() + "/actuator/plugins/" + bad.id())
                .at("/lastError/message")
                .asString())
        .contains(bad.plugin());
  }
}
