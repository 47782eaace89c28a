package dev.howdah.host.parameters;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.cluster.Cluster;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.json.JsonMapper;

class PluginUsesTest {

  private static final String PLUGIN = "store.example.com";

  @Test
  void anEntryInSpecPluginsIsTheOwnUse() {
    List<PluginUse> uses =
        uses(
            """
            plugins: [{name: other.example.com},
                      {name: store.example.com, isWALArchiver: true, parameters: {a: "1"}}]
            """);

    assertThat(uses).hasSize(1);
    PluginUse.Own own = (PluginUse.Own) uses.getFirst();
    assertThat(own.path()).containsExactly("spec", "plugins", "1");
    assertThat(own.walArchiver()).isTrue();
    assertThat(own.parameters().values()).isEqualTo(Map.of("a", "1"));
    assertThat(own.parameters().path()).containsExactly("spec", "plugins", "1", "parameters");
  }

  @Test
  void aDisabledEntryIsNoUse() {
    assertThat(uses("plugins: [{name: store.example.com, enabled: false}]")).isEmpty();
    assertThat(uses("plugins: [{name: store.example.com, enabled: null}]")).hasSize(1);
    assertThat(uses("plugins: [{name: store.example.com, enabled: true}]")).hasSize(1);
  }

  @Test
  void ofSeveralEnabledEntriesTheLastIsTheOwnUse() {
    List<PluginUse> uses =
        uses(
            """
            plugins: [{name: store.example.com}, {name: store.example.com},
                      {name: store.example.com, enabled: false}]
            """);

    assertThat(uses).singleElement().extracting(PluginUse::path).isEqualTo(path("plugins", "1"));
  }

  @Test
  void anExternalClusterIsWhatTheClusterDoesWithIt() {
    List<PluginUse> uses =
        uses(
            """
            bootstrap: {recovery: {source: origin}}
            replica: {source: upstream}
            externalClusters:
            - {name: origin, plugin: {name: store.example.com, parameters: {a: "1"}}}
            - {name: upstream, plugin: {name: store.example.com}}
            - {name: spare, plugin: {name: store.example.com}}
            - {name: disabled, plugin: {name: store.example.com, enabled: false}}
            - {name: plain}
            """);

    assertThat(uses).hasSize(3);
    assertThat(uses.get(0)).isInstanceOf(PluginUse.RecoverySource.class);
    assertThat(uses.get(0).path()).isEqualTo(path("externalClusters", "0", "plugin"));
    assertThat(uses.get(0).parameters().path())
        .isEqualTo(path("externalClusters", "0", "plugin", "parameters"));
    assertThat(uses.subList(1, 3)).allMatch(PluginUse.ReplicaSource.class::isInstance);
    assertThat(((PluginUse.ReplicaSource) uses.get(2)).externalCluster()).isEqualTo("spare");
  }

  @Test
  void aReplicaThatWasRecoveredFromItsSourceUsesItTwice() {
    assertThat(
            uses(
                """
                bootstrap: {recovery: {source: origin}}
                replica: {source: origin}
                externalClusters: [{name: origin, plugin: {name: store.example.com}}]
                """))
        .hasSize(2)
        .hasExactlyElementsOfTypes(PluginUse.RecoverySource.class, PluginUse.ReplicaSource.class);
  }

  @Test
  void aClusterThatDoesNotNameThePluginHasNoUses() {
    assertThat(uses("instances: 3")).isEmpty();
  }

  private static List<String> path(String... steps) {
    return Stream.concat(Stream.of("spec"), Arrays.stream(steps)).toList();
  }

  /** The spec is written as YAML, for the reader's sake. */
  private static List<PluginUse> uses(String spec) {
    Object tree = new Yaml().load(spec);
    String json =
        new JsonMapper()
            .writeValueAsString(Map.of("metadata", Map.of("name", "orders"), "spec", tree));
    return PluginUses.of(
        Cluster.decode(json.getBytes(StandardCharsets.UTF_8)), PLUGIN, new RecordParameterBinder());
  }
}
