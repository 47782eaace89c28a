package dev.howdah.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.metrics.MetricDefinition;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What plugins say of themselves: manifests, names, versions, metrics. */
class NamesAndVersionsTest {

  private static final String GOOD =
      "class=com.example.A\nid=a\nname=a.example.com\nversion=1\napi=[1.0,2.0)\n";

  @ParameterizedTest
  @CsvSource({
    "'[1.0,2.0)', 1.0, true",
    "'[1.0,2.0)', 1.7, true",
    "'[1.0,2.0)', 2.0, false",
    "'[1.2,1.3)', 1.1, false",
    "'1', 1.9, true",
    "'1.3', 1.2, false",
    "'1.3', 2.0, false",
    "'[1.9,1.10)', 1.9, true"
  })
  void aRangeHoldsTheVersionsFromItsFirstToBelowItsSecond(
      String range, String version, boolean inside) {
    assertThat(ApiRange.parse(range).contains(ApiVersion.parse(version))).isEqualTo(inside);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "one", "[1.0", "[2.0,1.0)", "[1.0,1.0)", "(1.0,2.0]", "1.0.0", "-1"})
  void whatIsNoRangeIsRefused(String range) {
    assertThatThrownBy(() -> ApiRange.parse(range)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aManifestIsReadWhole() throws IOException {
    PluginManifest manifest = read(GOOD);

    assertThat(manifest.pluginClass()).isEqualTo("com.example.A");
    assertThat(manifest.id()).isEqualTo("a");
    assertThat(manifest.name()).isEqualTo("a.example.com");
    assertThat(manifest.api()).isEqualTo(ApiRange.parse("1.0"));
    assertThat(manifest.spring()).isFalse();
    assertThat(read(GOOD + "spring=true\n").spring()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "class=com.example.A, '', 'class'",
    "id=a, id=A_b, DNS label",
    "id=a, 'id=', 'id'",
    "name=a.example.com, name=nodots, nodots",
    "version=1, 'version= ', 'version'",
    "'api=[1.0,2.0)', api=soon, soon",
    "version=1, 'version=1\nspring=perhaps', perhaps",
    "version=1, 'version=1\ncolour=blue', colour"
  })
  void aManifestThatIsWrongSaysWhere(String good, String bad, String named) {
    assertThatThrownBy(() -> read(GOOD.replace(good, bad)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(named);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.b", "hello-world.howdah.dev", "0.1", "x1.y2.z3"})
  void goodNamesAreGood(String name) {
    assertThat(PluginMetadata.nameProblem(name)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nodot",
        "Upper.case",
        "-a.b",
        "a-.b",
        "a..b",
        ".a.b",
        "a.b.",
        "a_b.c",
        "a/b.c",
        "../a.b",
        "an-endless-name-with-sixty-four-characters-is-one-too-many.example"
      })
  void namesThatCouldntBeSocketsLabelsAndServerNamesAtOnceAreRefused(String name) {
    assertThat(PluginMetadata.nameProblem(name)).isPresent();
  }

  @Test
  void requiredMetadataIsRequired() {
    assertThatThrownBy(() -> PluginMetadata.of("a.example.com", "1").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("description");
    assertThatThrownBy(() -> PluginMetadata.of("a.example.com", " ").description("x").build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("version");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1a", "a-b", "a b", "ä"})
  void aMetricsNameIsOfPrometheusAlphabet(String name) {
    assertThatThrownBy(() -> MetricDefinition.gauge(name, "help"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aMetricsLabelsAreNamesAndDifferent() {
    assertThatThrownBy(() -> MetricDefinition.gauge("a", "help", "x", "x"))
        .hasMessageContaining("twice");
    assertThatThrownBy(() -> MetricDefinition.gauge("a", "help", "__x"))
        .hasMessageContaining("__x");
    assertThatThrownBy(() -> MetricDefinition.gauge("a", "help", "x:y"))
        .hasMessageContaining("x:y");
  }

  private static PluginManifest read(String properties) throws IOException {
    return PluginManifest.read(
        new ByteArrayInputStream(properties.getBytes(StandardCharsets.UTF_8)));
  }
}
