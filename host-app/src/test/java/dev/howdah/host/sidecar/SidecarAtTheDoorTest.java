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
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.lifecycle.LifecycleContext;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Two versions of the host, asked about Pods and Jobs as the operator builds them. */
@Timeout(120)
class SidecarAtTheDoorTest {

  private static final String ARCHIVE = "archive.example.com";
  private static final String METRICS = "metrics.example.com";
  private static final String OPERATOR_ONLY = "labels.example.com";
  private static final String TUNING = "tuning.example.com";
  private static final String ZOO = "zoo.example.com";

  private static final List<String> ALL = List.of(ARCHIVE, METRICS, OPERATOR_ONLY, TUNING, ZOO);

  private static final Map<String, Consumer<Hooks>> HOOKS = new LinkedHashMap<>();

  static {
    HOOKS.put(
        ARCHIVE,
        hooks -> {
          hooks.archiveWal((request, context) -> {});
          hooks.restoreWal((request, context) -> {});
        });
    HOOKS.put(METRICS, hooks -> hooks.metrics(context -> List.of(), context -> List.of()));
    HOOKS.put(
        OPERATOR_ONLY,
        hooks -> {
          hooks.onCreate(Pod.class, SidecarAtTheDoorTest::label);
          hooks.onCreate(Job.class, SidecarAtTheDoorTest::label);
        });
    HOOKS.put(
        TUNING,
        hooks -> hooks.enrichConfiguration(2, (configuration, operation, context) -> Map.of()));
    HOOKS.put(ZOO, hooks -> hooks.metrics(context -> List.of(), context -> List.of()));
  }

  private static <T extends HasMetadata> T label(T object, LifecycleContext context) {
    object.getMetadata().getLabels().put("tier", "data");
    return object;
  }

  private static final String SETTINGS =
      """
      revision: 1
      revisions:
        1:
          image: registry.example/howdah:1
          imagePullPolicy: IfNotPresent
          plugins: &plugins
            - {name: archive.example.com, id: archive}
            - {name: metrics.example.com, id: metrics, logLevel: debug, resources: {requests: {memory: 200Mi, cpu: 10m}}}
            - {name: tuning.example.com, id: tuning, enrich: 2, logLevel: warn, resources: {limits: {memory: 0.5Gi}}}
            - {name: zoo.example.com, id: zoo, resources: {requests: {memory: 300Mi, cpu: 20m}}}
        2:
          image: registry.example/howdah:2
          plugins: *plugins
        3:
          image: registry.example/howdah:3
          template: 9
          plugins: *plugins
      rollout:
        - {selector: 'stage in (test, staging),!frozen', revision: 2}
        - {selector: stage=future, revision: 3}
      """;

  @TempDir static Path home;

  private static EmbeddedHost host;
  private static EmbeddedHost other;
  private static HostClient client;
  private static HostClient otherClient;
  private static Instances instances;
  private static Instances otherInstances;

  @BeforeAll
  static void start() throws IOException {
    Files.writeString(settingsFile(), SETTINGS);
    host = host("one", HOOKS);
    // Another version: one plugin isn't there yet, and others do different things inside.
    Map<String, Consumer<Hooks>> otherHooks = new LinkedHashMap<>(HOOKS);
    otherHooks.remove(ZOO);
    otherHooks.put(METRICS, hooks -> hooks.archiveWal((request, context) -> {}));
    otherHooks.put(ARCHIVE, hooks -> hooks.metrics(context -> List.of(), context -> List.of()));
    otherHooks.put(
        TUNING,
        hooks -> hooks.enrichConfiguration(7, (configuration, operation, context) -> Map.of()));
    other = host("two", otherHooks);
    client = new HostClient(host);
    otherClient = new HostClient(other);
    instances = instances(client);
    otherInstances = instances(otherClient);
  }

  private static EmbeddedHost host(String name, Map<String, Consumer<Hooks>> plugins) {
    EmbeddedHost.Builder builder =
        EmbeddedHost.in(home.resolve(name))
            .classPathPlugins()
            .property("howdah.sidecar.file", settingsFile());
    plugins.forEach(
        (plugin, hooks) ->
            builder.plugin(plugin.substring(0, plugin.indexOf('.')), TestPlugin.of(plugin, hooks)));
    return builder.start();
  }

  private static Instances instances(HostClient client) {
    Map<String, Channel> channels = new ConcurrentHashMap<>();
    return new Instances(plugin -> channels.computeIfAbsent(plugin, client::socket));
  }

  private static Path settingsFile() {
    return home.resolve("sidecar.yaml");
  }

  @AfterAll
  static void stop() {
    client.close();
    otherClient.close();
    host.close();
    other.close();
  }

  @BeforeEach
  void settings() throws IOException {
    if (!Files.readString(settingsFile()).equals(SETTINGS)) {
      change(SETTINGS);
    }
  }

  /** As a mounted ConfigMap changes: by another file in its place. */
  private static void change(String settings) throws IOException {
    Path next = home.resolve("next.yaml");
    Files.writeString(next, settings);
    Files.move(next, settingsFile(), StandardCopyOption.REPLACE_EXISTING);
  }

  @ParameterizedTest
  @CsvSource({
    "pod-instance, pod-instance-create",
    "pod-instance-other-sidecar, pod-instance-create-other-sidecar",
    "pod-instance-wal-tablespaces, pod-instance-wal-tablespaces"
  })
  void podsComeOutTheSameForAnyPluginsInAnyOrderAndTwice(String bare, String created) {
    for (Set<String> enabled : subsets(ALL)) {
      byte[] expected = null;
      byte[] expectedCreated = null;
      for (List<String> order : orders(List.copyOf(enabled))) {
        Cluster cluster = Clusters.naming(order.toArray(String[]::new));
        byte[] evaluated =
            instances.evaluate(cluster, OperatorObjects.json(bare), List.copyOf(order));
        expected = expected == null ? evaluated : expected;
        assertThat(evaluated).as("%s evaluated in the order %s", bare, order).isEqualTo(expected);
        assertThat(instances.evaluate(cluster, evaluated, order)).isEqualTo(evaluated);
        assertThat(instances.create(cluster, evaluated, order)).isEqualTo(evaluated);

        byte[] made = instances.create(cluster, OperatorObjects.json(created), order);
        expectedCreated = expectedCreated == null ? made : expectedCreated;
        assertThat(made)
            .as("%s created in the order %s", created, order)
            .isEqualTo(expectedCreated);
        assertThat(podSpec(made)).isEqualTo(podSpec(evaluated));
      }
      Set<String> inside = new TreeSet<>(enabled);
      inside.remove(OPERATOR_ONLY);
      if (inside.isEmpty()) {
        assertThat(podSpec(expected)).isEqualTo(podSpec(OperatorObjects.json(bare)));
      } else {
        JsonNode sidecar = container(podSpec(expected), "initContainers", "howdah");
        assertThat(env(sidecar)).containsEntry("HOWDAH_INSTANCE_PLUGINS", String.join(",", inside));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "job-initdb",
        "job-full-recovery",
        "job-join",
        "job-snapshot-recovery",
        "job-major-upgrade"
      })
  void jobsComeOutTheSameInAnyOrderAndTwice(String job) {
    for (Set<String> enabled : subsets(ALL)) {
      byte[] expected = null;
      for (List<String> order : orders(List.copyOf(enabled))) {
        Cluster cluster = Clusters.naming(order.toArray(String[]::new));
        byte[] made = instances.create(cluster, OperatorObjects.json(job), order);
        expected = expected == null ? made : expected;
        assertThat(made).as("%s in the order %s", job, order).isEqualTo(expected);
        assertThat(instances.create(cluster, made, order)).isEqualTo(made);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "job-initdb, tuning.example.com, true",
    "job-initdb, metrics.example.com, false",
    "job-initdb, archive.example.com, false",
    "job-full-recovery, archive.example.com, true",
    "job-full-recovery, tuning.example.com, true",
    "job-full-recovery, metrics.example.com, false",
    "job-snapshot-recovery, archive.example.com, true",
    "job-major-upgrade, tuning.example.com, true",
    "job-major-upgrade, archive.example.com, false",
    "job-join, tuning.example.com, false",
    "job-join, archive.example.com, false"
  })
  void jobsGetTheSidecarIfSomethingInThemCallsAPlugin(String job, String plugin, boolean needed) {
    byte[] made =
        instances.create(Clusters.naming(plugin), OperatorObjects.json(job), List.of(plugin));

    assertThat(names(podSpec(made).path("initContainers")).contains("howdah")).isEqualTo(needed);
  }

  /** The bytes are the contract: whoever changes them rolls every database. */
  @ParameterizedTest
  @ValueSource(
      strings = {"pod-instance-other-sidecar", "pod-instance-wal-tablespaces", "job-full-recovery"})
  void templateOneStaysAsItIs(String object) throws IOException {
    Path golden =
        Path.of("src/test/resources/dev/howdah/host/sidecar/template-1-" + object + ".json");
    byte[] made =
        instances.create(
            Clusters.naming(ARCHIVE, TUNING), OperatorObjects.json(object), List.of(ARCHIVE));
    String text =
        JsonMapper.builder()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .build()
                .writeValueAsString(podSpec(made))
            + "\n";
    if (Boolean.getBoolean("golden.write")) {
      Files.writeString(golden, text);
    }
    assertThat(golden).content().isEqualTo(text);
  }

  @Test
  void theSidecarSeesTheDatabaseAndRunsRestricted() {
    byte[] bare = OperatorObjects.json("pod-instance-wal-tablespaces");
    byte[] made = instances.evaluate(Clusters.naming(TUNING), bare, List.of(TUNING));
    JsonNode sidecar = container(podSpec(made), "initContainers", "howdah");
    JsonNode postgres = container(podSpec(bare), "containers", "postgres");

    assertThat(sidecar.path("restartPolicy").stringValue()).isEqualTo("Always");
    assertThat(env(sidecar)).containsAllEntriesOf(env(postgres));
    assertThat(sidecar.path("envFrom")).isEqualTo(postgres.path("envFrom"));
    assertThat(mounts(sidecar))
        .containsEntry("/plugins", "plugins")
        .containsEntry("/tmp", "howdah-tmp")
        .containsEntry("/var/lib/postgresql/wal", "pg-wal")
        .containsEntry("/var/lib/postgresql/tablespaces/analytics", "tbs-analytics")
        .containsEntry("/run", "scratch-data")
        .containsEntry("/controller", "scratch-data")
        .doesNotContainValue("kube-api-access");
    assertThat(mounts(container(podSpec(made), "containers", "postgres")))
        .containsEntry("/plugins", "plugins");
    JsonNode security = sidecar.path("securityContext");
    assertThat(security.has("runAsUser")).isFalse();
    assertThat(security.has("runAsGroup")).isFalse();
    assertThat(security.path("readOnlyRootFilesystem").booleanValue()).isTrue();
    assertThat(security.at("/capabilities/drop/0").stringValue()).isEqualTo("ALL");
    assertThat(sidecar.at("/startupProbe/exec/command").valueStream().map(JsonNode::stringValue))
        .containsExactly("test", "-f", "/tmp/howdah-ready");
  }

  @Test
  void anotherVendorsSidecarAndVolumeStayAsTheyAre() {
    byte[] bare = OperatorObjects.json("pod-instance-other-sidecar");
    byte[] made = instances.evaluate(Clusters.naming(METRICS), bare, List.of(METRICS));

    assertThat(container(podSpec(made), "initContainers", "plugin-barman-cloud"))
        .isEqualTo(container(podSpec(bare), "initContainers", "plugin-barman-cloud"));
    assertThat(names(podSpec(made).path("volumes"))).containsOnlyOnce("plugins");
    assertThat(mounts(container(podSpec(made), "initContainers", "howdah")))
        .containsEntry("/plugins", "plugins")
        .doesNotContainValue("barman-certificates");
  }

  @Test
  void ofSeveralWishesTheGreatestResourcesAndTheMostDetailedLogHold() {
    Cluster cluster = Clusters.naming(METRICS, TUNING, ZOO);
    byte[] made =
        instances.evaluate(cluster, OperatorObjects.json("pod-instance"), List.of(METRICS));
    JsonNode sidecar = container(podSpec(made), "initContainers", "howdah");

    // The revision's own 50m of processor are more than each plugin wants.
    assertThat(sidecar.path("resources").toString())
        .isEqualTo(
            "{\"limits\":{\"memory\":\"0.5Gi\"},\"requests\":{\"cpu\":\"50m\",\"memory\":\"300Mi\"}}");
    assertThat(env(sidecar)).containsEntry("LOGGING_LEVEL_DEV_HOWDAH", "debug");
    assertThat(env(sidecar)).containsEntry("HOWDAH_INSTANCE_ENRICHMENTS", "tuning@2");

    byte[] alone =
        instances.evaluate(
            Clusters.naming(ZOO), OperatorObjects.json("pod-instance"), List.of(ZOO));
    // A limit below the request would be refused.
    assertThat(
            container(podSpec(alone), "initContainers", "howdah")
                .at("/resources/limits/memory")
                .stringValue())
        .isEqualTo("300Mi");
  }

  @Test
  void twoVersionsOfTheHostAnswerTheSameBytes() {
    for (Set<String> enabled : subsets(ALL)) {
      Cluster cluster = Clusters.naming(enabled.toArray(String[]::new));
      for (String plugin : enabled) {
        if (plugin.equals(ZOO)) {
          continue;
        }
        for (String pod : List.of("pod-instance", "pod-instance-other-sidecar")) {
          assertThat(evaluate(otherInstances, cluster, pod, plugin))
              .as("%s asked about %s of %s", plugin, pod, enabled)
              .isEqualTo(evaluate(instances, cluster, pod, plugin));
        }
      }
    }
  }

  private static byte[] evaluate(
      Instances instances, Cluster cluster, String object, String plugin) {
    return instances.patch(
        OperatorOperationType.Type.TYPE_EVALUATE, cluster, OperatorObjects.json(object), plugin);
  }

  @Test
  void aRolloutReachesTheClustersThatItSelectsAndNoOthers() {
    assertThat(image(Map.of())).isEqualTo("registry.example/howdah:1");
    assertThat(image(Map.of("stage", "test"))).isEqualTo("registry.example/howdah:2");
    assertThat(image(Map.of("stage", "test", "frozen", "yes")))
        .isEqualTo("registry.example/howdah:1");
    assertThat(image(Map.of("stage", "production"))).isEqualTo("registry.example/howdah:1");
  }

  private static String image(Map<String, String> labels) {
    byte[] made =
        instances.evaluate(
            labelled(labels), OperatorObjects.json("pod-instance"), List.of(METRICS));
    return container(podSpec(made), "initContainers", "howdah").path("image").stringValue();
  }

  private static Cluster labelled(Map<String, String> labels) {
    return Clusters.naming(METRICS)
        .with(
            json -> {
              var target = ((ObjectNode) json.path("metadata")).putObject("labels");
              labels.forEach(target::put);
            });
  }

  @Test
  void aTemplateThatThisVersionDoesntKnowIsUnavailable() {
    assertThatThrownBy(() -> image(Map.of("stage", "future")))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
              assertThat(e).hasMessageContaining("template 9");
            });
  }

  @Test
  void changedSettingsHoldAtOnceAndBrokenOnesLeaveTheLastGoodOnes() throws IOException {
    change(SETTINGS.replace("registry.example/howdah:1", "registry.example/howdah:1.1"));
    assertThat(image(Map.of())).isEqualTo("registry.example/howdah:1.1");

    change(SETTINGS.replace("revision: 1\n", "revision: 4\n"));
    assertThat(image(Map.of())).isEqualTo("registry.example/howdah:1.1");

    change("revisions: [");
    assertThat(image(Map.of())).isEqualTo("registry.example/howdah:1.1");
  }

  @Test
  void aPodThatBootstrapsItsInstanceHasTheSidecarBefore() {
    byte[] bare =
        JsonMapper.shared()
            .writeValueAsBytes(withBootstrap(OperatorObjects.json("pod-instance-create")));
    byte[] made = instances.create(Clusters.naming(TUNING), bare, List.of(TUNING));

    assertThat(names(podSpec(made).path("initContainers")))
        .containsExactly("bootstrap-controller", "howdah", "bootstrap-instance");
    assertThat(mounts(container(podSpec(made), "initContainers", "bootstrap-instance")))
        .containsEntry("/plugins", "plugins");
  }

  /** As operators after 1.30 will: what was a Job is an init container of the Pod. */
  private static JsonNode withBootstrap(byte[] pod) {
    JsonNode json = Instances.json(pod);
    var containers = (ArrayNode) json.at("/spec/initContainers");
    var bootstrap = (ObjectNode) container(json.path("spec"), "containers", "postgres").deepCopy();
    bootstrap.put("name", "bootstrap-instance");
    containers.add(bootstrap);
    return json;
  }

  private static Map<String, String> env(JsonNode container) {
    Map<String, String> variables = new LinkedHashMap<>();
    container
        .path("env")
        .forEach(
            it ->
                variables.put(
                    it.path("name").stringValue(), it.path("value").stringValue("from elsewhere")));
    return variables;
  }

  private static Map<String, String> mounts(JsonNode container) {
    Map<String, String> mounts = new LinkedHashMap<>();
    container
        .path("volumeMounts")
        .forEach(
            it -> mounts.put(it.path("mountPath").stringValue(), it.path("name").stringValue()));
    return mounts;
  }

  private static List<Set<String>> subsets(List<String> elements) {
    List<Set<String>> subsets = new ArrayList<>();
    for (int bits = 0; bits < 1 << elements.size(); bits++) {
      Set<String> subset = new TreeSet<>();
      for (int i = 0; i < elements.size(); i++) {
        if ((bits >> i & 1) == 1) {
          subset.add(elements.get(i));
        }
      }
      subsets.add(subset);
    }
    return subsets;
  }

  /** As they are, backwards, and with each element first. */
  private static List<List<String>> orders(List<String> elements) {
    List<List<String>> orders = new ArrayList<>(List.of(elements, elements.reversed()));
    for (int shift = 1; shift < elements.size(); shift++) {
      List<String> order = new ArrayList<>(elements);
      Collections.rotate(order, shift);
      orders.add(order);
    }
    return orders;
  }
}
