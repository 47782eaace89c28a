package dev.howdah.plugins.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.Parameter;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugins.configuration.offline.OfflineContext;
import dev.howdah.plugins.metrics.catalogue.BuiltIn;
import dev.howdah.plugins.metrics.query.MetricGroup;
import dev.howdah.plugins.metrics.query.MetricQuery;
import dev.howdah.plugins.metrics.query.Scope;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Holds the guide, the dashboard and the alert rules to the code. Its tables are written anew with
 * {@code -Dhowdah.docs.write=true}.
 */
class GuideTest {

  private static final Path GUIDE = Monitored.GUIDE;
  private static final Path DASHBOARD = Path.of("../../helm/howdah/files/dashboards/metrics.json");
  private static final Path RULES = Path.of("../../helm/howdah/files/rules/metrics.yaml");
  private static final Pattern YAML_BLOCK = Pattern.compile("```yaml\\n(.*?)```", Pattern.DOTALL);
  private static final Pattern OURS = Pattern.compile("metrics_howdah_dev_\\w+");

  private static final YAMLMapper YAML = new YAMLMapper();

  @Test
  void itsManifestIsValid() throws Exception {
    MatchResult block =
        YAML_BLOCK.matcher(Files.readString(GUIDE)).results().findFirst().orElseThrow();
    Cluster cluster = Cluster.of((ObjectNode) YAML.readTree(block.group(1)));
    OfflineContext context = new OfflineContext(cluster, MetricsPlugin.NAME);
    var hooks = HookRegistry.collect(new MetricsPlugin(new SimpleMeterRegistry()));

    assertThat(context.own()).isPresent();
    assertThat(hooks.validateCreate().orElseThrow().validate(context)).isEmpty();
    assertThat(hooks.metrics().orElseThrow().define().define(context))
        .extracting(MetricDefinition::name)
        .contains("shop_jobs");
  }

  @ParameterizedTest
  @ValueSource(strings = {"parameters", "groups", "metrics"})
  void itsTablesSayWhatTheCodeDoes(String table) throws IOException {
    String begin = "<!-- %s -->\n".formatted(table);
    String end = "<!-- /%s -->".formatted(table);
    String guide = Files.readString(GUIDE);
    int from = guide.indexOf(begin) + begin.length();
    int to = guide.indexOf(end);
    String expected =
        switch (table) {
          case "parameters" -> parameters();
          case "groups" -> groups();
          default -> metrics();
        };
    if (Boolean.getBoolean("howdah.docs.write")) {
      Files.writeString(GUIDE, guide.substring(0, from) + expected + guide.substring(to));
    } else {
      assertThat(guide.substring(from, to))
          .as("run this test with -Dhowdah.docs.write=true")
          .isEqualTo(expected);
    }
  }

  private static String parameters() {
    StringBuilder table = new StringBuilder("| parameter | default | |\n|---|---|---|\n");
    for (RecordComponent component : MetricsParameters.class.getRecordComponents()) {
      Parameter parameter = component.getAnnotation(Parameter.class);
      String byDefault = parameter.defaultValue();
      table.append(
          "| `%s` | %s | %s |\n"
              .formatted(
                  component.getName(),
                  byDefault.equals(Parameter.NONE) ? "none" : "`" + byDefault + "`",
                  parameter.description()));
    }
    return table.toString();
  }

  private static String groups() {
    StringBuilder table = new StringBuilder("| group | every | |\n|---|---|---|\n");
    for (BuiltIn builtIn : BuiltIn.values()) {
      table.append(
          "| `%s` | %s | %s |\n"
              .formatted(
                  builtIn.groupName(), written(builtIn.group(false).interval()), builtIn.title()));
    }
    return table.toString();
  }

  private static String written(Duration interval) {
    return interval.toSeconds() % 60 == 0
        ? interval.toMinutes() + " min"
        : interval.toSeconds() + " s";
  }

  private static String metrics() {
    StringBuilder table =
        new StringBuilder("| metric | type | labels | where | |\n|---|---|---|---|---|\n");
    SelfMetrics.DEFINITIONS.forEach(metric -> table.append(row(metric, "")));
    for (BuiltIn builtIn : BuiltIn.values()) {
      table.append("| **%s** | | | | |\n".formatted(builtIn.groupName()));
      for (MetricQuery query : builtIn.group(false).queries()) {
        List<String> where = new ArrayList<>();
        if (query.scope() == Scope.DATABASE) {
          where.add("each database");
        }
        if (query.primaryOnly()) {
          where.add("primary");
        }
        query.definitions().forEach(metric -> table.append(row(metric, String.join(", ", where))));
      }
    }
    table.append("| **the sidecar itself** | | | | |\n");
    SidecarMetrics.DEFINITIONS.forEach(metric -> table.append(row(metric, "")));
    return table.toString();
  }

  private static String row(MetricDefinition metric, String where) {
    return "| `%s` | %s | %s | %s | %s |\n"
        .formatted(
            metric.name().substring(MetricQuery.PREFIX.length()),
            metric.type().name().toLowerCase(java.util.Locale.ROOT),
            metric.labels().stream().map("`%s`"::formatted).collect(Collectors.joining(", ")),
            where,
            metric.help());
  }

  // --- the chart's dashboard and rules

  private static Set<String> defined() {
    Set<String> names = new TreeSet<>();
    SelfMetrics.DEFINITIONS.forEach(metric -> names.add(metric.name()));
    SidecarMetrics.DEFINITIONS.forEach(metric -> names.add(metric.name()));
    for (BuiltIn builtIn : BuiltIn.values()) {
      MetricGroup group = builtIn.group(false);
      group.definitions().forEach(metric -> names.add(metric.name()));
    }
    return names;
  }

  private static Set<String> used(List<String> expressions) {
    return expressions.stream()
        .flatMap(expression -> OURS.matcher(expression).results())
        .map(MatchResult::group)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void theDashboardShowsMetricsThatThereAre() throws IOException {
    JsonNode dashboard = YAML.readTree(Files.readString(DASHBOARD));
    List<String> expressions =
        dashboard.findValues("expr").stream().map(JsonNode::asString).toList();

    assertThat(expressions)
        .hasSizeGreaterThan(20)
        .allSatisfy(it -> assertThat(used(List.of(it))).isNotEmpty());
    assertThat(defined()).containsAll(used(expressions));
    for (BuiltIn builtIn : BuiltIn.values()) {
      Set<String> group =
          builtIn.group(false).definitions().stream()
              .map(MetricDefinition::name)
              .collect(Collectors.toSet());
      assertThat(used(expressions)).as(builtIn.groupName()).containsAnyElementsOf(group);
    }
  }

  @Test
  void theDashboardsPanelsHaveIdsAndPlacesOfTheirOwn() throws IOException {
    JsonNode dashboard = YAML.readTree(Files.readString(DASHBOARD));
    Set<Integer> ids = new TreeSet<>();
    Set<String> places = new TreeSet<>();
    for (JsonNode panel : dashboard.path("panels")) {
      assertThat(ids.add(panel.path("id").asInt())).isTrue();
      JsonNode place = panel.path("gridPos");
      assertThat(places.add(place.path("x").asInt() + "," + place.path("y").asInt())).isTrue();
      assertThat(place.path("x").asInt() + place.path("w").asInt()).isLessThanOrEqualTo(24);
      assertThat(panel.path("title").asString()).isNotBlank();
    }
    assertThat(dashboard.path("uid").asString()).isNotBlank();
  }

  @Test
  void everyAlertIsAboutMetricsThatThereAreAndIsExplained() throws IOException {
    JsonNode rules = YAML.readTree(Files.readString(RULES));
    String guide = Files.readString(GUIDE);
    Set<String> alerts = new TreeSet<>();
    for (JsonNode group : rules.path("groups")) {
      for (JsonNode rule : group.path("rules")) {
        String alert = rule.path("alert").asString();
        assertThat(alerts.add(alert)).isTrue();
        assertThat(used(List.of(rule.path("expr").asString()))).as(alert).isNotEmpty();
        assertThat(defined()).containsAll(used(List.of(rule.path("expr").asString())));
        assertThat(guide).contains("| `" + alert + "` |");
        assertThat(rule.path("labels").path("severity").asString()).isIn("warning", "critical");
        assertThat(rule.path("annotations").path("summary").asString()).isNotBlank();
        assertThat(rule.path("annotations").path("description").asString()).isNotBlank();
      }
    }
    assertThat(alerts).hasSizeGreaterThan(10);
    assertThat(
            Pattern.compile("\\| `((Howdah|Postgres)\\w+)` \\|")
                .matcher(guide)
                .results()
                .map(it -> it.group(1)))
        .containsExactlyInAnyOrderElementsOf(alerts);
  }
}
