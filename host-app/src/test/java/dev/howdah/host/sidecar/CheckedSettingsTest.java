package dev.howdah.host.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.host.config.SidecarSettings;
import dev.howdah.host.config.SidecarSettings.ImagePullPolicy;
import dev.howdah.host.config.SidecarSettings.LogLevel;
import jakarta.validation.Validation;
import java.io.StringReader;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Settings that no Pod could be made from are refused with what is wrong. */
class CheckedSettingsTest {

  private static final String GOOD =
      """
      revisions:
        1:
          image: registry.example/howdah:1
          imagePullPolicy: IfNotPresent
          logLevel: DEBUG
          env:
            - {name: HOWDAH_JAVA_OPTS, value: -Xmx96m}
          resources:
            requests: {memory: 64Mi, cpu: 0.1}
          plugins:
            - {name: metrics.example.com, id: metrics}
      rollout:
        - {selector: stage=test, revision: 1}
      settings:
        plugins:
          metrics:
            interval: 30s
        plugins.metrics.password-file: /etc/credentials/password
      """;

  private final CheckedSettings reader =
      new CheckedSettings(Validation.buildDefaultValidatorFactory().getValidator());

  @Test
  void goodSettingsAreReadAsWritten() {
    SidecarSettings settings = reader.read(GOOD);

    assertThat(settings.revision()).isEqualTo(1);
    SidecarSettings.Revision revision = settings.revisions().get(1);
    assertThat(revision.imagePullPolicy()).isEqualTo(ImagePullPolicy.IF_NOT_PRESENT);
    assertThat(revision.logLevel()).isEqualTo(LogLevel.DEBUG);
    assertThat(revision.template()).isEqualTo(1);
    assertThat(revision.resources().requests())
        .containsOnly(Map.entry("memory", "64Mi"), Map.entry("cpu", "0.1"));
    assertThat(settings.settings())
        .containsOnly(
            Map.entry("plugins.metrics.interval", "30s"),
            Map.entry("plugins.metrics.password-file", "/etc/credentials/password"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "image: registry.example/howdah:1 | imaeg: x | imaeg",
        "revision: 1} | revision: 7} | names revision 7",
        "memory: 64Mi | memory: lots | 'lots' is no quantity of memory",
        "logLevel: DEBUG | logLevel: LOUD | 'LOUD' is no value of revisions[1].log-level",
        "selector: stage=test | selector: 'stage in test' | is no label selector",
        "interval: 30s | password: geheim | looks like a secret"
      })
  void badSettingsAreRefusedWithWhatIsWrong(String good, String bad, String message) {
    assertThat(GOOD).contains(good);
    assertThatThrownBy(() -> reader.read(GOOD.replace(good, bad)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void whatIsNoYamlOrEmptyIsRefused() {
    assertThatThrownBy(() -> reader.read("revisions: ["))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("YAML");
    assertThatThrownBy(() -> reader.read("")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void propertiesAreReadBackAsTheyWere() throws Exception {
    Map<String, String> settings =
        new TreeMap<>(Map.of("a.b", " two  words", "c", "x=y:z\\n", "d", "line\nline\ttab #!"));
    Properties read = new Properties();
    read.load(new StringReader(CheckedSettings.properties(settings)));

    Map<String, String> expected = new TreeMap<>();
    settings.forEach((key, value) -> expected.put("howdah." + key, value));
    assertThat(read).containsExactlyInAnyOrderEntriesOf(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | true",
        "stage=test | true",
        "stage==test | true",
        "stage!=test | false",
        "stage in (live, test) | true",
        "stage notin (live, test) | false",
        "tier notin (x) | true",
        "stage | true",
        "!stage | false",
        "!tier,stage in (test),stage!=live | true",
        "tier=x | false",
        "example.com/team=db | true"
      })
  void selectorsSelectAsKubectlDoes(String selector, boolean selects) {
    assertThat(
            LabelSelector.parse(selector)
                .selects(Map.of("stage", "test", "example.com/team", "db")))
        .isEqualTo(selects);
  }
}
