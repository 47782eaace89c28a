package dev.howdah.plugins.configuration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.Parameter;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugins.configuration.offline.OfflineConfiguration;
import dev.howdah.plugins.configuration.offline.OfflineContext;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class GuideTest {

  private static final Path GUIDE = Path.of("../../docs/plugins/configuration.md");
  private static final Pattern YAML_BLOCK = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);

  @Test
  void itsManifestsAreValid() throws IOException {
    ConfigurationPlugin plugin =
        new ConfigurationPlugin(OfflineConfiguration.empty(), Clock.systemUTC());
    var hooks = HookRegistry.collect(plugin);

    List<Cluster> clusters = clusters();

    assertThat(clusters).isNotEmpty();
    for (Cluster cluster : clusters) {
      OfflineContext context = new OfflineContext(cluster, ConfigurationPlugin.NAME);
      assertThat(context.own()).isPresent();
      assertThat(hooks.validateCreate().orElseThrow().validate(context)).isEmpty();
      assertThat(hooks.desiredParameters().getLast().hook().desired(context)).isNotEmpty();
    }
  }

  @Test
  void describesEveryParameter() throws IOException {
    String guide = Files.readString(GUIDE);

    assertThat(Stream.of(ConfigurationParameters.class.getRecordComponents()))
        .allSatisfy(
            component -> {
              assertThat(guide).contains("| `" + component.getName() + "` |");
              assertThat(annotation(component).description()).isNotBlank();
            });
  }

  @Test
  void itsPoliciesHold(@TempDir Path folder) throws IOException {
    List<String> configurations =
        YAML_BLOCK
            .matcher(Files.readString(GUIDE))
            .results()
            .map(block -> block.group(1))
            .filter(block -> block.startsWith("howdah:"))
            .toList();

    assertThat(configurations).isNotEmpty();
    for (String configuration : configurations) {
      Path file = Files.writeString(folder.resolve("application.yaml"), configuration);
      assertThat(
              OfflineConfiguration.read(file, "configuration")
                  .bind(ConfigurationSettings.class)
                  .checked())
          .isNotNull();
      for (Cluster cluster : clusters()) {
        assertThat(
                new ConfigurationExplainer(OfflineConfiguration.read(file, "configuration"))
                    .explain(cluster, List.of())
                    .findings())
            .isEmpty();
      }
    }
  }

  private static Parameter annotation(RecordComponent component) {
    return component.getAnnotation(Parameter.class);
  }

  private static List<Cluster> clusters() throws IOException {
    YAMLMapper yaml = new YAMLMapper();
    return YAML_BLOCK
        .matcher(Files.readString(GUIDE))
        .results()
        .map(MatchResult::group)
        .filter(block -> block.contains("kind: Cluster"))
        .map(block -> block.replaceAll("```(yaml)?", ""))
        .map(text -> Cluster.of((ObjectNode) yaml.readTree(text)))
        .toList();
  }
}
