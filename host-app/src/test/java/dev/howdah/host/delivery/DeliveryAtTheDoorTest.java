package dev.howdah.host.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.OperatorObjects;
import dev.howdah.host.kubernetes.LeaderElection;
import dev.howdah.host.testing.ApiServer;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Http;
import dev.howdah.host.testing.Kubeconfig;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.SettableClock;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.proto.reconciler.ReconcilerHooksResult;
import io.grpc.Channel;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What plugins want reaches Clusters' specs: a simulated operator calls Pre over real gRPC, and a
 * simulated GitOps controller takes back what was written.
 */
class DeliveryAtTheDoorTest {

  private static final String CONFIGURATION = "configuration.howdah.dev";
  private static final String LOGGING = "logging.howdah.dev";
  private static final List<String> PLUGINS = List.of(CONFIGURATION, LOGGING);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final JsonMapper JSON = JsonMapper.shared();

  @TempDir static Path folder;
  private static ApiServer api;
  private static SettableClock clock;
  private static Replica first;
  private static Replica second;

  private String key = "";

  /** One host, and a connection to each of its plugins. */
  private record Replica(EmbeddedHost host, HostClient client, Map<String, Channel> plugins)
      implements AutoCloseable {

    static Replica start(String identity, String interval) throws IOException {
      Path home = Files.createDirectories(folder.resolve(identity));
      EmbeddedHost host =
          EmbeddedHost.in(home)
              .classPathPlugins("dev.howdah.plugins.configuration", "dev.howdah.plugins.logging")
              .property("howdah.kubernetes.kubeconfig", Kubeconfig.write(home, api.url(), "howdah"))
              .property("howdah.kubernetes.identity", identity)
              .property("howdah.kubernetes.lease-duration", "2s")
              .property("howdah.delivery.interval", interval)
              .property("howdah.audit.enabled", "true")
              .bean(Clock.class, clock)
              .start();
      HostClient client = new HostClient(host);
      Map<String, Channel> plugins = new TreeMap<>();
      PLUGINS.forEach(name -> plugins.put(name, client.tcp(name)));
      plugins.values().forEach(HostClient::load);
      return new Replica(host, client, plugins);
    }

    Deliveries deliveries() {
      return host.context().getBean(Deliveries.class);
    }

    @Override
    public void close() {
      client.close();
      host.close();
    }
  }

  @BeforeAll
  static void start() throws IOException {
    api = new ApiServer();
    clock = new SettableClock(Instant.parse("2026-01-05T12:00:00Z"));
    first = Replica.start("replica-0", "1h");
    second = Replica.start("replica-1", "1h");
  }

  @AfterAll
  static void stop() {
    try {
      first.close();
      second.close();
    } finally {
      api.close();
    }
  }

  @BeforeEach
  void cluster(TestInfo test) {
    String name = "c" + Integer.toHexString(test.getDisplayName().hashCode());
    key = "app/" + name;
    api.put("kubectl-client-side-apply", manifest(name));
  }

  @AfterEach
  void calmDown() {
    api.refuse(500, request -> false);
    api.beforeApply(() -> {});
    clock.pass(Duration.ofHours(2));
  }

  @Test
  void oneApplyBringsWhatPluginsWantAndTheLoopComesToRest() {
    int applies = applies().size();
    Map<String, String> before = api.parameters(key);

    int loops = loopsUntilRest(first);

    assertThat(loops).isLessThanOrEqualTo(3);
    assertThat(applies()).hasSize(applies + 1);
    assertThat(api.parameters(key))
        .containsEntry("shared_buffers", "256MB") // the user's
        .containsEntry("effective_cache_size", "12GB")
        .containsEntry("log_min_duration_statement", "1s")
        .containsEntry("max_parallel_workers", "4"); // over CloudNativePG's default
    assertThat(api.heldBy("howdah", key))
        .contains("effective_cache_size", "max_parallel_workers")
        .doesNotContain("shared_buffers", "max_connections", "wal_level");
    assertThat(before).doesNotContainKey("effective_cache_size");
  }

  @Test
  void theRequestIsWhatARealApiServerTakes() {
    loopsUntilRest(first);

    ApiServer.Request apply = applies().getLast();
    assertThat(apply.contentType()).isEqualTo("application/apply-patch+yaml");
    assertThat(apply.method()).isEqualTo("PATCH");
    assertThat(apply.path())
        .isEqualTo("/apis/postgresql.cnpg.io/v1/namespaces/app/clusters/" + key.substring(4));
    assertThat(apply.query())
        .containsEntry("fieldManager", "howdah")
        .containsEntry("force", "true");
    JsonNode body = JSON.readTree(apply.body());
    assertThat(body.propertyNames())
        .containsExactlyInAnyOrder("apiVersion", "kind", "metadata", "spec");
    assertThat(body.path("apiVersion").asString("")).isEqualTo("postgresql.cnpg.io/v1");
    assertThat(body.path("kind").asString("")).isEqualTo("Cluster");
    assertThat(body.path("metadata").propertyNames())
        .containsExactlyInAnyOrder("name", "namespace", "uid", "resourceVersion");
    assertThat(body.path("spec").propertyNames()).containsExactly("postgresql");
    assertThat(body.path("spec").path("postgresql").propertyNames()).containsExactly("parameters");
    assertThat(body.at("/spec/postgresql/parameters").propertyNames())
        .doesNotContain("shared_buffers", "max_connections");
  }

  @Test
  void aGitOpsControllerThatTakesEverythingBackIsLeftAlone() throws IOException {
    ObjectNode git = manifest(key.substring(4));
    int applies = applies().size();

    int loops = 0;
    for (int quiet = 0; quiet < 3; loops++) {
      assertThat(loops).as("the loop comes to rest").isLessThan(20);
      String before = version();
      loop(loops % 2 == 0 ? first : second);
      // Replaces the whole object, annotations included, as soon as it differs from what is in Git.
      if (!api.parameters(key).equals(parameters(git))) {
        api.put("argocd-controller", git);
      }
      quiet = version().equals(before) ? quiet + 1 : 0;
    }

    assertThat(applies()).hasSize(applies + 2);
    assertThat(api.parameters(key)).isEqualTo(parameters(git));
    DeliveryReport report = report(first);
    assertThat(report.left())
        .containsEntry("effective_cache_size", "argocd-controller")
        .containsEntry("log_min_duration_statement", "argocd-controller");
    assertThat(report.drift()).containsKey("effective_cache_size");

    // Neither time nor a restart makes it forget.
    clock.pass(Duration.ofHours(5));
    loop(first);
    try (Replica third = Replica.start("replica-2", "1h")) {
      loop(third);
      assertThat(report(third).left()).containsKey("effective_cache_size");
    }
    assertThat(applies()).hasSize(applies + 2);
  }

  @Test
  void whatIsAskedForAnewAfterItWasTakenBackIsTriedAgain() {
    ObjectNode git = manifest(key.substring(4));
    for (int i = 0; i < 4; i++) {
      loop(first);
      api.put("argocd-controller", git);
    }
    clock.pass(Duration.ofHours(2));
    int applies = applies().size();

    api.update("kubectl", key, json -> plugin(json, LOGGING).put("slowQueries", "5s"));
    loop(first);

    assertThat(applies()).hasSize(applies + 1);
    assertThat(api.parameters(key))
        .containsEntry("log_min_duration_statement", "5s")
        .doesNotContainKey("effective_cache_size");
  }

  @Test
  void whatTheUserSetsLaterIsTheUsersAtOnce() {
    loopsUntilRest(first);

    api.update(
        "kubectl-edit",
        key,
        json -> ((ObjectNode) json.at("/spec/postgresql/parameters")).put("work_mem", "1GB"));
    loopsUntilRest(first);

    assertThat(api.parameters(key)).containsEntry("work_mem", "1GB");
    assertThat(api.heldBy("howdah", key)).doesNotContain("work_mem").isNotEmpty();
  }

  @Test
  void whatAUserWritesJustBeforeTheApplyIsNeverForcedOver() {
    boolean[] done = {false};
    api.beforeApply(
        () -> {
          if (!done[0]) {
            done[0] = true;
            api.update(
                "kubectl-edit",
                key,
                json ->
                    ((ObjectNode) json.at("/spec/postgresql/parameters")).put("work_mem", "1GB"));
          }
        });

    loopsUntilRest(first);

    assertThat(api.parameters(key))
        .containsEntry("work_mem", "1GB")
        .containsEntry("effective_cache_size", "12GB");
    assertThat(counter(first, "conflict")).isPositive();
  }

  @Test
  void goingBackToReportGivesEverythingBack() {
    loopsUntilRest(first);
    assertThat(api.heldBy("howdah", key)).isNotEmpty();

    api.update(
        "kubectl-edit",
        key,
        json -> {
          plugin(json, CONFIGURATION).put("delivery", "report");
          plugin(json, LOGGING).removeAll();
        });
    loopsUntilRest(first);

    assertThat(api.heldBy("howdah", key)).isEmpty();
    assertThat(api.parameters(key))
        .doesNotContainKeys("effective_cache_size", "log_min_duration_statement")
        .containsEntry("shared_buffers", "256MB");
    assertThat(JSON.readTree(applies().getLast().body()).has("spec")).isFalse();
  }

  @Test
  void noMoreThanTwoWritesAnHourWhateverTheUserChanges() {
    int applies = applies().size();
    for (String slow : List.of("1s", "2s", "3s", "4s")) {
      api.update("kubectl-edit", key, json -> plugin(json, LOGGING).put("slowQueries", slow));
      loopsUntilRest(slow.equals("2s") ? second : first);
    }

    assertThat(applies()).hasSize(applies + 2);
    assertThat(report(first).outcome()).isEqualTo(DeliveryReport.Outcome.WAITING);
    assertThat(report(first).drift()).containsOnlyKeys("log_min_duration_statement");

    clock.pass(Duration.ofMinutes(61));
    loopsUntilRest(first);
    assertThat(applies()).hasSize(applies + 3);
    assertThat(api.parameters(key)).containsEntry("log_min_duration_statement", "4s");
  }

  @Test
  void twoReplicasCalledAtOnceWriteOnce() throws Exception {
    int applies = applies().size();

    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      Future<?> one = threads.submit(() -> loop(first));
      Future<?> other = threads.submit(() -> loop(second));
      one.get(60, TimeUnit.SECONDS);
      other.get(60, TimeUnit.SECONDS);
    }

    assertThat(applies()).hasSize(applies + 1);
  }

  @Test
  void anApiServerThatFailsChangesNoAnswer() {
    int applies = applies().size();
    api.refuse(503, request -> request.path().contains("/clusters/"));

    loop(first);

    assertThat(report(first).outcome()).isEqualTo(DeliveryReport.Outcome.FAILED);
    api.refuse(500, request -> false);
    clock.pass(Duration.ofMinutes(1));
    loop(first);
    assertThat(applies()).hasSize(applies + 1);
  }

  @Test
  void aRefusalIsNotAskedForAgainInEveryLoop() {
    api.refuse(403, ApiServer.Request::apply);
    long before = api.requests().stream().filter(ApiServer.Request::apply).count();

    for (int i = 0; i < 10; i++) {
      loop(i % 2 == 0 ? first : second);
    }

    assertThat(api.requests().stream().filter(ApiServer.Request::apply)).hasSize((int) before + 2);
    assertThat(counter(first, "refused") + counter(second, "refused")).isGreaterThanOrEqualTo(2);
  }

  @Test
  void changesThatRestartInstancesAreWrittenOnlyIfTheClusterSaysSo() {
    api.update(
        "kubectl-edit",
        key,
        json -> {
          plugin(json, CONFIGURATION).remove("applyRestart");
          ((ObjectNode) json.at("/spec/postgresql/parameters")).remove("shared_buffers");
          ((ObjectNode) json.at("/metadata/annotations"))
              .remove("kubectl.kubernetes.io/last-applied-configuration");
        });
    loopsUntilRest(first);
    assertThat(api.parameters(key))
        .containsEntry("effective_cache_size", "12GB")
        .doesNotContainKey("shared_buffers");

    api.update("kubectl-edit", key, json -> plugin(json, CONFIGURATION).put("applyRestart", "now"));
    loopsUntilRest(first);
    assertThat(api.parameters(key)).containsEntry("shared_buffers", "4GB");
  }

  @Test
  void theLeadersWatchEndsAWindowOnAnIdleClusterAndGivesBackWhatNobodyWants() throws IOException {
    api.update(
        "kubectl-edit",
        key,
        json ->
            plugin(json, LOGGING)
                .put("verbosePreset", "troubleshooting")
                .put("verboseUntil", clock.instant().plus(Duration.ofHours(3)).toString()));
    loopsUntilRest(first);
    assertThat(api.parameters(key)).containsEntry("log_min_duration_statement", "50ms");

    try (Replica watching = watching("replica-3")) {
      await()
          .atMost(PATIENCE)
          .until(() -> metrics(watching).contains("howdah_configuration_drift"));
      clock.pass(Duration.ofHours(4));
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(api.parameters(key))
                      .containsEntry("log_min_duration_statement", "1s"));

      clock.pass(Duration.ofHours(2));
      api.update("kubectl-edit", key, json -> ((ObjectNode) json.path("spec")).remove("plugins"));
      await().atMost(PATIENCE).untilAsserted(() -> assertThat(api.heldBy("howdah", key)).isEmpty());
      assertThat(metrics(watching))
          .containsPattern("howdah_clusters [1-9]")
          .containsPattern("howdah_clusters_unaudited [1-9]");
    }
  }

  @Test
  void eachAppliedSetIsInTheAuditTrailWithItsOrigin() {
    loopsUntilRest(first);
    DeliveryReport report = report(first);

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              JsonNode record = auditRecords(first, "parameters-applied");
              assertThat(record.toString())
                  .contains(report.digest())
                  .contains("effective_cache_size")
                  .contains("12GB")
                  .contains("\"layer\":\"profile\"")
                  .contains("3/4 of memory")
                  .contains("\"layer\":\"logging\"");
            });
  }

  @Test
  void theHostShowsWhatItWroteAndWhatNot() {
    loopsUntilRest(first);

    JsonNode page = Http.json(first.host().httpBase() + "/actuator/deliveries");
    assertThat(page.path("active").asBoolean()).isTrue();
    assertThat(page.path("clusters").valueStream().map(it -> it.path("cluster").asString("")))
        .contains(key);
  }

  /** Runs in whatever order; every request so far counts. */
  @Test
  void everyRequestIsWithinTheRightsThatFeaturesName() {
    loopsUntilRest(first);

    assertThat(api.requests())
        .isNotEmpty()
        .allSatisfy(request -> assertThat(allowed(request)).as(request.toString()).isTrue());
  }

  @SuppressWarnings("unchecked")
  private static boolean allowed(ApiServer.Request request) {
    String[] steps = request.path().substring(1).split("/");
    boolean core = steps[0].equals("api");
    String group = core ? "" : steps[1];
    int at = core ? 2 : 3;
    boolean namespaced = steps.length > at && steps[at].equals("namespaces");
    String resource = namespaced ? steps[at + 2] : steps[at];
    boolean named = steps.length > (namespaced ? at + 3 : at + 1);
    String verb =
        switch (request.method()) {
          case "GET" -> named ? "get" : "list";
          case "POST" -> "create";
          case "PUT" -> "update";
          case "PATCH" -> "patch";
          default -> "delete";
        };
    Map<String, Object> data =
        new Yaml()
            .load(DeliveryAtTheDoorTest.class.getResourceAsStream("/META-INF/howdah/rbac.yaml"));
    return ((List<Map<String, Object>>) data.get("features"))
        .stream()
            .flatMap(feature -> ((List<Map<String, List<String>>>) feature.get("rules")).stream())
            .anyMatch(
                rule ->
                    rule.getOrDefault("apiGroups", List.of()).contains(group)
                        && rule.getOrDefault("resources", List.of()).contains(resource)
                        && rule.getOrDefault("verbs", List.of()).contains(verb));
  }

  /** A replica that leads and looks around all the time. */
  private static Replica watching(String identity) throws IOException {
    first.host().context().getBean(LeaderElection.class).stop();
    second.host().context().getBean(LeaderElection.class).stop();
    return Replica.start(identity, "100ms");
  }

  private int loopsUntilRest(Replica replica) {
    for (int loops = 1; ; loops++) {
      assertThat(loops).as("the loop comes to rest").isLessThan(10);
      String before = version();
      loop(replica);
      if (version().equals(before)) {
        return loops;
      }
    }
  }

  /** What the operator does at the start of each loop: Pre of each plugin, by name. */
  private void loop(Replica replica) {
    Cluster seen = Cluster.of(api.cluster(key));
    Protocol.Rpc pre = Protocol.rpc("ReconcilerHooks/Pre");
    replica
        .plugins()
        .forEach(
            (name, channel) -> {
              ReconcilerHooksResult answer =
                  (ReconcilerHooksResult) pre.call(channel, pre.request(seen));
              assertThat(answer.getBehavior())
                  .isEqualTo(ReconcilerHooksResult.Behavior.BEHAVIOR_CONTINUE);
              assertThat(answer.getRequeueAfter()).isZero();
            });
    await().atMost(PATIENCE).until(() -> replica.deliveries().waiting() == 0);
  }

  private String version() {
    return api.cluster(key).at("/metadata/resourceVersion").asString("");
  }

  private List<ApiServer.Request> applies() {
    return api.applies().stream().filter(it -> it.path().endsWith(key.substring(3))).toList();
  }

  private DeliveryReport report(Replica replica) {
    return replica.deliveries().reports().stream()
        .filter(it -> it.cluster().equals(key))
        .findFirst()
        .orElseThrow();
  }

  private static double counter(Replica replica, String outcome) {
    return replica
        .host()
        .context()
        .getBean(MeterRegistry.class)
        .counter("howdah.delivery.writes", "outcome", outcome)
        .count();
  }

  private static String metrics(Replica replica) {
    return Http.get(replica.host().httpBase() + "/actuator/prometheus").body();
  }

  private JsonNode auditRecords(Replica replica, String method) throws IOException {
    var records = JSON.createArrayNode();
    try (var files = Files.walk(folder.resolve("replica-0/audit"))) {
      for (Path file : files.filter(it -> it.toString().endsWith(".jsonl")).toList()) {
        for (String line : Files.readAllLines(file)) {
          if (line.contains(method) && line.contains(key.substring(4))) {
            records.add(JSON.readTree(line));
          }
        }
      }
    }
    return records;
  }

  private static Map<String, String> parameters(ObjectNode json) {
    Map<String, String> parameters = new TreeMap<>();
    json.at("/spec/postgresql/parameters")
        .properties()
        .forEach(one -> parameters.put(one.getKey(), one.getValue().asString("")));
    return parameters;
  }

  private static ObjectNode plugin(ObjectNode json, String name) {
    for (JsonNode entry : json.at("/spec/plugins")) {
      if (entry.path("name").asString("").equals(name)) {
        return ((ObjectNode) entry).withObjectProperty("parameters");
      }
    }
    throw new IllegalArgumentException(name);
  }

  /** The Cluster as its user keeps it, with what CloudNativePG's webhook writes into it. */
  private static ObjectNode manifest(String name) {
    return OperatorObjects.cluster("cluster-minimal")
        .with(
            json -> {
              ObjectNode metadata = json.withObjectProperty("metadata");
              metadata.put("name", name).put("uid", "uid-" + name);
              metadata.remove(List.of("managedFields", "resourceVersion"));
              ObjectNode spec = json.withObjectProperty("spec");
              spec.putObject("resources").putObject("limits").put("memory", "16Gi").put("cpu", "4");
              ((ObjectNode) spec.path("resources"))
                  .putObject("requests")
                  .put("memory", "16Gi")
                  .put("cpu", "4");
              var plugins = spec.putArray("plugins");
              Map<String, Map<String, String>> wanted = new LinkedHashMap<>();
              wanted.put(
                  CONFIGURATION,
                  Map.of("profile", "oltp", "delivery", "spec", "applyRestart", "now"));
              wanted.put(LOGGING, Map.of("preset", "standard"));
              wanted.forEach(
                  (plugin, parameters) -> {
                    ObjectNode entry = plugins.addObject().put("name", plugin).put("enabled", true);
                    parameters.forEach(entry.putObject("parameters")::put);
                  });
            })
        .json();
  }
}
