package dev.howdah.plugin.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.PluginException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The view of a Cluster: lenient about what it isn't asked for, strict about what it is. */
class ClusterTest {

  /** The objects as the operator sends them. */
  private static final Path OBJECTS =
      Path.of("..", "plugin-testkit", "src", "main", "resources", "dev", "howdah", "testkit")
          .resolve("objects");

  private static final JsonMapper JSON = new JsonMapper();

  static Stream<Path> clusters() throws IOException {
    try (Stream<Path> files = Files.list(OBJECTS)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("cluster-"))
          .toList()
          .stream();
    }
  }

  static Stream<Path> others() throws IOException {
    try (Stream<Path> files = Files.list(OBJECTS)) {
      return files
          .filter(file -> !file.getFileName().toString().matches("(cluster-|enrich-).*"))
          .toList()
          .stream();
    }
  }

  @ParameterizedTest
  @MethodSource("clusters")
  void nothingOfAClusterIsLost(Path file) throws IOException {
    byte[] sent = Files.readAllBytes(file);

    Cluster cluster = Cluster.decode(sent);

    assertThat(JSON.readTree(cluster.toBytes())).isEqualTo(JSON.readTree(sent));
    assertThat(cluster.name()).isNotEmpty();
    assertThat(cluster.instances()).isPositive();
  }

  @ParameterizedTest
  @MethodSource("others")
  void whatSaysThatItIsSomethingElseIsRefused(Path file) throws IOException {
    byte[] sent = Files.readAllBytes(file);

    assertThatThrownBy(() -> Cluster.decode(sent))
        .isInstanceOfSatisfying(
            PluginException.class,
            refused -> {
              assertThat(refused.kind()).isEqualTo(PluginException.Kind.INVALID);
              assertThat(refused).hasMessageContaining("expected a Cluster");
            });
  }

  @Test
  void aClusterWithoutKindIsAClusterStill() {
    assertThat(cluster("").instances()).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{", "[]", "7", "null", "{}", "{\"metadata\":{}}", "{} {}"})
  void whatIsNoClusterIsRefused(String json) {
    assertThatThrownBy(() -> Cluster.decode(json.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOfSatisfying(
            PluginException.class,
            refused -> assertThat(refused.kind()).isEqualTo(PluginException.Kind.INVALID));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "spec.instances          | {\"instances\":\"three\"}",
        "spec.plugins            | {\"plugins\":{}}",
        "spec.plugins.0          | {\"plugins\":[7]}",
        "spec.plugins.0.name     | {\"plugins\":[{\"name\":[]}]}",
        "spec.plugins.0.enabled  | {\"plugins\":[{\"name\":\"x\",\"enabled\":\"yes\"}]}",
        "spec.plugins.1.parameters.a |"
            + " {\"plugins\":[{\"name\":\"x\"},{\"name\":\"y\",\"parameters\":{\"a\":1}}]}"
      })
  void aWrongTypeIsNamedByItsPath(String path, String spec) {
    Cluster cluster = cluster(",\"spec\":" + spec);

    assertThatThrownBy(
            () -> {
              cluster.instances();
              cluster.plugins();
            })
        .isInstanceOfSatisfying(
            PluginException.class,
            refused -> {
              assertThat(refused.kind()).isEqualTo(PluginException.Kind.INVALID);
              assertThat(refused).hasMessageStartingWith(path + " ");
            });
  }

  @Test
  void nullIsTheSameAsAbsent() {
    Cluster cluster = cluster(",\"spec\":{\"instances\":null,\"plugins\":null},\"status\":null");

    assertThat(cluster.instances()).isEqualTo(1);
    assertThat(cluster.plugins()).isEmpty();
    assertThat(cluster.phase()).isEmpty();
  }

  @Test
  void entriesOfPluginsKnowWhereTheyStand() {
    Cluster cluster =
        cluster(
            """
            ,"spec":{"plugins":[{"name":"a"},{"name":"b","enabled":false,"isWALArchiver":true,
            "parameters":{"k":"v"}}],
            "externalClusters":[{"name":"origin","plugin":{"name":"c"}},{"name":"plain"}]}\
            """);

    assertThat(cluster.plugins())
        .containsExactly(
            new PluginEntry("a", true, false, Map.of(), List.of("spec", "plugins", "0")),
            new PluginEntry("b", false, true, Map.of("k", "v"), List.of("spec", "plugins", "1")));
    assertThat(cluster.externalClusters()).hasSize(2);
    assertThat(cluster.externalClusters().getFirst().plugin())
        .hasValueSatisfying(
            plugin ->
                assertThat(plugin.path())
                    .containsExactly("spec", "externalClusters", "0", "plugin"));
  }

  @Test
  void aViewCantBeChangedThroughWhatItHandsOut() {
    Cluster cluster = cluster(",\"spec\":{\"instances\":2}");

    cluster.json().removeAll();
    Cluster changed = cluster.with(json -> json.withObjectProperty("spec").put("instances", 5));

    assertThat(cluster.instances()).isEqualTo(2);
    assertThat(changed.instances()).isEqualTo(5);
  }

  private static Cluster cluster(String more) {
    return Cluster.decode(
        ("{\"metadata\":{\"name\":\"c\"}" + more + "}").getBytes(StandardCharsets.UTF_8));
  }
}
