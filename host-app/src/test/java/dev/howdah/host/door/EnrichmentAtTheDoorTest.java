package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.OperatorObjects;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.proto.postgres.EnrichConfigurationRequest;
import dev.howdah.proto.postgres.EnrichConfigurationResult;
import dev.howdah.proto.postgres.OperationType;
import dev.howdah.proto.postgres.PostgresGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several plugins that enrich one configuration, asked in the way the operator asks. */
class EnrichmentAtTheDoorTest {

  private static final String FIRST = "a-first.example.com";
  private static final String SECOND = "b-second.example.com";
  private static final String BROKEN = "c-broken.example.com";
  private static final String THIRD = "d-third.example.com";

  /** What each of them adds, if it were alone. */
  private static final SortedMap<String, Map<String, String>> ADDITIONS =
      new TreeMap<>(
          Map.of(
              FIRST, Map.of("work_mem", "7MB"),
              SECOND, Map.of("maintenance_work_mem", "70MB"),
              THIRD, Map.of("random_page_cost", "1.1")));

  @TempDir static Path home;
  private static EmbeddedHost host;
  private static HostClient client;

  @BeforeAll
  static void start() {
    EmbeddedHost.Builder builder = EmbeddedHost.in(home).classPathPlugins();
    ADDITIONS.forEach(
        (name, additions) ->
            builder.plugin(
                name.substring(0, name.indexOf('.')),
                TestPlugin.of(
                    name,
                    hooks ->
                        hooks.enrichConfiguration(
                            1, (configuration, operation, context) -> additions))));
    builder.plugin(
        "c-broken",
        TestPlugin.of(
            BROKEN,
            hooks ->
                hooks.enrichConfiguration(
                    1,
                    (configuration, operation, context) -> {
                      throw new PluginException(
                          PluginException.Kind.UNAVAILABLE, "the catalogue is away");
                    })));
    host = builder.start();
    client = new HostClient(host);
  }

  @AfterAll
  static void stop() {
    client.close();
    host.close();
  }

  @Test
  void theOperatorKeepsEveryHostedPluginsChanges() {
    Cluster cluster = Clusters.naming(THIRD, FIRST, SECOND);
    Map<String, String> original = OperatorObjects.configuration("enrich-configs");

    Map<String, String> kept =
        asTheOperatorAsks(
            List.of(FIRST, SECOND, THIRD), original, (name, sent) -> ask(name, cluster, sent));

    assertThat(kept).containsAllEntriesOf(original);
    ADDITIONS.values().forEach(added -> assertThat(kept).containsAllEntriesOf(added));
  }

  @Test
  void withoutTheFoldTheOperatorLosesAllButTheLast() {
    Map<String, String> original = OperatorObjects.configuration("enrich-configs");

    Map<String, String> kept =
        asTheOperatorAsks(
            List.of(FIRST, SECOND, THIRD),
            original,
            (name, sent) -> {
              Map<String, String> alone = new LinkedHashMap<>(sent);
              alone.putAll(ADDITIONS.get(name));
              return alone;
            });

    assertThat(kept)
        .containsAllEntriesOf(ADDITIONS.get(THIRD))
        .doesNotContainKeys("work_mem", "maintenance_work_mem");
  }

  /**
   * What the instance manager does: every plugin gets the original, and the last answer that isn't
   * empty replaces all before it.
   */
  private static Map<String, String> asTheOperatorAsks(
      List<String> plugins,
      Map<String, String> original,
      BiFunction<String, Map<String, String>, Map<String, String>> plugin) {
    Map<String, String> kept = original;
    for (String name : plugins.stream().sorted().toList()) {
      Map<String, String> answer = plugin.apply(name, original);
      if (!answer.isEmpty()) {
        kept = answer;
      }
    }
    return kept;
  }

  @Test
  void eachAnswerIsTheSameHoweverOftenAndOverWhicheverDoorItIsAsked() {
    Cluster cluster = Clusters.naming(FIRST, SECOND, THIRD);
    Map<String, String> original = OperatorObjects.configuration("enrich-configs-rich");
    EnrichConfigurationRequest request = request(cluster, original);
    var first = PostgresGrpc.newBlockingStub(client.socket(THIRD)).enrichConfiguration(request);

    for (int i = 0; i < 5; i++) {
      assertThat(PostgresGrpc.newBlockingStub(client.tcp(THIRD)).enrichConfiguration(request))
          .isEqualTo(first);
    }
  }

  @Test
  void whoTheClusterDoesntEnableHasNoSay() {
    Map<String, String> answer =
        ask(SECOND, Clusters.naming(SECOND), OperatorObjects.configuration("enrich-configs"));

    assertThat(answer).containsEntry("maintenance_work_mem", "70MB").doesNotContainKey("work_mem");
    assertThat(ask(SECOND, Clusters.naming(FIRST), Map.of("port", "5432"))).isEmpty();
  }

  @Test
  void whoFailsBeforeTheAskedOneIsNamed() {
    Status status = Status.OK;
    try {
      ask(THIRD, Clusters.naming(FIRST, BROKEN, THIRD), Map.of());
    } catch (StatusRuntimeException e) {
      status = e.getStatus();
    }

    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(status.getDescription()).contains(BROKEN).contains("the catalogue is away");
    assertThat(ask(FIRST, Clusters.naming(FIRST, BROKEN, THIRD), Map.of()))
        .isEqualTo(Map.of("work_mem", "7MB"));
  }

  private static Map<String, String> ask(
      String plugin, Cluster cluster, Map<String, String> configuration) {
    EnrichConfigurationResult answer =
        (EnrichConfigurationResult)
            Protocol.rpc("Postgres/EnrichConfiguration")
                .call(client.socket(plugin), request(cluster, configuration));
    return answer.getConfigsMap();
  }

  private static EnrichConfigurationRequest request(
      Cluster cluster, Map<String, String> configuration) {
    return EnrichConfigurationRequest.newBuilder()
        .setClusterDefinition(Clusters.bytes(cluster))
        .putAllConfigs(configuration)
        .setOperationType(OperationType.newBuilder().setType(OperationType.Type.TYPE_RECONCILE))
        .build();
  }
}
