package dev.howdah.host.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.host.OperatorObjects;
import dev.howdah.host.guard.ConfigurationGuard;
import dev.howdah.host.guard.GuardViolation;
import dev.howdah.plugin.PluginException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class EnrichmentFoldTest {

  private static final Map<String, String> ORIGINAL =
      OperatorObjects.configuration("enrich-configs");

  private final EnrichmentFold fold = new EnrichmentFold(new ConfigurationGuard());

  /**
   * What the operator does with several plugins: each gets the map it started with, and an answer
   * that isn't empty takes the place of all before it.
   */
  private static Map<String, String> operator(
      SortedMap<String, EnrichmentStep> plugins, Map<String, String> configuration) {
    Map<String, String> current = configuration;
    for (EnrichmentStep plugin : plugins.values()) {
      Map<String, String> answer = plugin.enrich(configuration);
      if (answer != null && !answer.isEmpty()) {
        current = answer;
      }
    }
    return current;
  }

  /** Plugins as they would be without the host: each answers with its own complete map. */
  private static SortedMap<String, EnrichmentStep> alone(Map<String, EnrichmentStep> steps) {
    SortedMap<String, EnrichmentStep> alone = new TreeMap<>();
    steps.forEach(
        (plugin, step) ->
            alone.put(
                plugin,
                configuration ->
                    new ConfigurationGuard()
                        .merge(plugin, configuration, step.enrich(configuration))));
    return alone;
  }

  /** The same plugins as the host answers for them. */
  private SortedMap<String, EnrichmentStep> hosted(Map<String, EnrichmentStep> steps) {
    SortedMap<String, EnrichmentStep> hosted = new TreeMap<>();
    steps
        .keySet()
        .forEach(
            plugin -> hosted.put(plugin, configuration -> fold.fold(plugin, steps, configuration)));
    return hosted;
  }

  @Property(tries = 200)
  void withoutTheFoldUpdatesAreLostAndWithItNone(
      @ForAll("twoToFivePlugins") Map<String, String> settingOfPlugin) {
    Map<String, EnrichmentStep> steps = new HashMap<>();
    settingOfPlugin.forEach(
        (plugin, setting) -> steps.put(plugin, configuration -> Map.of(setting, plugin)));

    Map<String, String> unfolded = operator(alone(steps), ORIGINAL);
    Map<String, String> folded = operator(hosted(steps), ORIGINAL);

    List<String> plugins = settingOfPlugin.keySet().stream().sorted().toList();
    for (String lost : plugins.subList(0, plugins.size() - 1)) {
      assertThat(unfolded).doesNotContainKey(settingOfPlugin.get(lost));
    }
    settingOfPlugin.forEach((plugin, setting) -> assertThat(folded).containsEntry(setting, plugin));
    assertThat(folded).containsAllEntriesOf(ORIGINAL).hasSize(ORIGINAL.size() + plugins.size());
  }

  @Provide
  Arbitrary<Map<String, String>> twoToFivePlugins() {
    Arbitrary<String> names =
        Arbitraries.strings()
            .withCharRange('a', 'z')
            .ofMinLength(1)
            .ofMaxLength(6)
            .map(id -> id + ".example.com");
    return names
        .set()
        .ofMinSize(2)
        .ofMaxSize(5)
        .map(
            plugins -> {
              Map<String, String> settings = new HashMap<>();
              plugins.forEach(
                  plugin ->
                      settings.put(plugin, "of_" + plugin.replace(".example.com", "") + ".on"));
              return settings;
            });
  }

  @Test
  void eachPluginGetsWhatThoseBeforeItMade() {
    List<String> seen = new ArrayList<>();
    Map<String, EnrichmentStep> steps =
        Map.of(
            "b.example.com",
            configuration -> {
              seen.add("b sees " + configuration.get("work_mem"));
              return Map.of("work_mem", "2MB");
            },
            "a.example.com",
            configuration -> {
              seen.add("a sees " + configuration.get("work_mem"));
              return Map.of("work_mem", "1MB");
            },
            "c.example.com",
            configuration -> {
              throw new AssertionError("comes after the one asked");
            });

    assertThat(fold.fold("b.example.com", steps, ORIGINAL)).containsEntry("work_mem", "2MB");
    assertThat(seen).containsExactly("a sees null", "b sees 1MB");
  }

  @Test
  void anAnswerThatChangesNothingIsEmpty() {
    Map<String, EnrichmentStep> steps =
        Map.of(
            "a.example.com", configuration -> Map.of(),
            "b.example.com", configuration -> Map.of("port", "5432"));

    assertThat(fold.fold("b.example.com", steps, ORIGINAL)).isEmpty();
  }

  @Test
  void thePluginAskedMayBeSilentWhileAnEarlierOneIsNot() {
    Map<String, EnrichmentStep> steps =
        Map.of(
            "a.example.com", configuration -> Map.of("work_mem", "1MB"),
            "b.example.com", configuration -> Map.of());

    assertThat(fold.fold("b.example.com", steps, ORIGINAL)).containsEntry("work_mem", "1MB");
  }

  @Test
  void foldingItsOwnOutcomeAgainChangesNothing() {
    Map<String, EnrichmentStep> steps =
        Map.of(
            "a.example.com", configuration -> Map.of("work_mem", "1MB"),
            "b.example.com", configuration -> Map.of("jit", "off"));
    SortedMap<String, String> once = fold.fold("b.example.com", steps, ORIGINAL);

    assertThat(fold.fold("b.example.com", steps, once)).isEmpty();
  }

  @Test
  void anEarlierPluginsFailureFailsTheCallAndNamesIt() {
    Map<String, EnrichmentStep> steps =
        Map.of(
            "a.example.com",
            configuration -> {
              throw new PluginException(PluginException.Kind.UNAVAILABLE, "no profile found");
            },
            "b.example.com",
            configuration -> Map.of());

    assertThatThrownBy(() -> fold.fold("b.example.com", steps, ORIGINAL))
        .isInstanceOf(PluginException.class)
        .hasMessage(
            "Plugin 'a.example.com', whose enrichment comes before that of 'b.example.com',"
                + " failed: no profile found")
        .extracting(failure -> ((PluginException) failure).kind())
        .isEqualTo(PluginException.Kind.UNAVAILABLE);
  }

  @Test
  void whatAnEarlierPluginDidNotMeanForTheOperatorStaysInTheCause() {
    IllegalStateException fault = new IllegalStateException("at 0x1234");
    Map<String, EnrichmentStep> steps =
        Map.of(
            "a.example.com",
            configuration -> {
              throw fault;
            },
            "b.example.com",
            configuration -> Map.of());

    assertThatThrownBy(() -> fold.fold("b.example.com", steps, ORIGINAL))
        .hasMessageContaining("'a.example.com'")
        .hasMessageNotContaining("0x1234")
        .hasCause(fault);
  }

  @Test
  void theAskedPluginsOwnFailureComesThroughAsItIs() {
    IllegalStateException fault = new IllegalStateException("mine");
    Map<String, EnrichmentStep> steps =
        Map.of(
            "a.example.com",
            configuration -> {
              throw fault;
            });

    assertThatThrownBy(() -> fold.fold("a.example.com", steps, ORIGINAL)).isSameAs(fault);
  }

  @Test
  void aRefusedAdditionNamesThePluginThatMadeIt() {
    Map<String, EnrichmentStep> steps =
        Map.of(
            "a.example.com", configuration -> Map.of("port", "1"),
            "b.example.com", configuration -> Map.of());

    assertThatThrownBy(() -> fold.fold("b.example.com", steps, ORIGINAL))
        .isInstanceOf(GuardViolation.class)
        .hasMessageContaining("'a.example.com'");
  }

  @Test
  void aPluginCannotChangeTheConfigurationItIsGiven() {
    Map<String, EnrichmentStep> steps =
        Map.of(
            "a.example.com",
            configuration -> {
              configuration.remove("port");
              return Map.of();
            });

    assertThatThrownBy(() -> fold.fold("a.example.com", steps, ORIGINAL))
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
