package dev.howdah.plugins.configuration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.admission.ValidationFinding.Severity;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.FixedParameters;
import dev.howdah.plugin.postgres.ParameterLayer;
import dev.howdah.plugin.registry.DesiredParametersRegistration;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.RegisteredHooks;
import dev.howdah.plugins.configuration.offline.OfflineConfiguration;
import dev.howdah.plugins.configuration.offline.OfflineContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

class ConfigurationPluginTest {

  private static final Path OBJECTS =
      Path.of("../../plugin-testkit/src/main/resources/dev/howdah/testkit/objects");
  private static final Instant SUNDAY_NIGHT = Instant.parse("2026-11-22T02:30:00Z");
  private static final Instant MONDAY_NOON = Instant.parse("2026-11-23T12:00:00Z");

  @TempDir Path folder;
  private Cluster minimal;

  @BeforeEach
  void readCluster() throws IOException {
    minimal = Cluster.decode(Files.readAllBytes(OBJECTS.resolve("cluster-minimal.json")));
  }

  @Test
  void neverWantsWhatTheUserSetOrCloudNativePgFixes() throws IOException {
    Map<String, String> desired =
        desired(tuned("delivery", "spec", "applyRestart", "now"), ParameterLayer.PROFILE);

    assertThat(desired)
        .containsEntry("effective_cache_size", "12GB")
        .containsEntry("random_page_cost", "1.1")
        .doesNotContainKeys("max_connections", "shared_buffers");
    assertThat(desired.keySet()).noneMatch(FixedParameters::contains);
  }

  @Test
  void reckonsWithTheUsersConnections() throws IOException {
    // (16GB - 4GB) / ((200 + 4) * 3)
    assertThat(desired(tuned("delivery", "spec"), ParameterLayer.PROFILE))
        .containsEntry("work_mem", "20560kB");
  }

  @Test
  void wantsNothingWhileItOnlyReports() throws IOException {
    assertThat(desired(tuned(), ParameterLayer.PROFILE)).isEmpty();
    assertThat(desired(tuned(), ParameterLayer.POLICY)).isEmpty();
  }

  @Test
  void wantsNothingForAClusterThatDoesNotNameIt() throws IOException {
    Cluster other = minimal.with(json -> ((ObjectNode) json.path("spec")).remove("plugins"));

    assertThat(desired(other, ParameterLayer.PROFILE)).isEmpty();
  }

  @Test
  void withholdsWhatNeedsARestartUnlessToldOtherwise() throws IOException {
    assertThat(desired(tuned("delivery", "spec"), ParameterLayer.PROFILE))
        .doesNotContainKey("wal_buffers")
        .containsKey("work_mem");
    assertThat(desired(tuned("delivery", "spec", "applyRestart", "now"), ParameterLayer.PROFILE))
        .containsEntry("wal_buffers", "16MB");
  }

  @Test
  void waitsForTheMaintenanceWindow() throws IOException {
    Cluster cluster =
        tuned("delivery", "spec", "applyRestart", "window", "window", "Sun 02:00-04:00");

    assertThat(desired(cluster, ParameterLayer.PROFILE, "", MONDAY_NOON))
        .doesNotContainKey("wal_buffers");
    assertThat(desired(cluster, ParameterLayer.PROFILE, "", SUNDAY_NIGHT))
        .containsEntry("wal_buffers", "16MB");
  }

  @Test
  void goesOnWantingWhatItWroteWhileARestartIsNotAllowed() throws IOException {
    Cluster cluster = heldByHowdah(tuned("delivery", "spec"), "wal_buffers", "8MB");

    assertThat(desired(cluster, ParameterLayer.PROFILE)).containsEntry("wal_buffers", "8MB");
  }

  @Test
  void aNewClusterNeedsNoRestart() throws IOException {
    Cluster cluster = tuned("delivery", "spec").with(json -> json.remove("status"));

    assertThat(desired(cluster, ParameterLayer.PROFILE)).containsEntry("wal_buffers", "16MB");
  }

  @Test
  void neverLowersWhatStandbysAreSensitiveTo() throws IOException {
    Cluster cluster =
        heldByHowdah(
            tuned("delivery", "spec", "applyRestart", "now", "cpu", "40"),
            "max_worker_processes",
            "64");

    assertThat(desired(cluster, ParameterLayer.PROFILE))
        .containsEntry("max_worker_processes", "64")
        .containsEntry("max_parallel_workers", "40");
  }

  @Test
  void isTheSameWheneverAsked() throws IOException {
    Cluster cluster = tuned("delivery", "spec", "applyRestart", "now");

    assertThat(List.copyOf(desired(cluster, ParameterLayer.PROFILE).entrySet()))
        .isEqualTo(List.copyOf(desired(cluster, ParameterLayer.PROFILE).entrySet()));
    assertThat(status(cluster, SUNDAY_NIGHT)).isEqualTo(status(cluster, MONDAY_NOON));
    assertThat(status(cluster, MONDAY_NOON).planned()).startsWith("sha256:").hasSize(71);
  }

  @Test
  void requiredValuesAreThePolicysWordAndBoundsHoldForTheProfile() throws IOException {
    String policies =
        """
            - name: house
              parameters:
                - {name: idle_in_transaction_session_timeout, required: 10min}
                - {name: work_mem, maximum: 16MB}
                - {name: random_page_cost, forbidden: true}
        """;
    Cluster cluster = tuned("delivery", "spec");

    assertThat(desired(cluster, ParameterLayer.POLICY, policies, MONDAY_NOON))
        .containsOnly(Map.entry("idle_in_transaction_session_timeout", "10min"));
    assertThat(desired(cluster, ParameterLayer.PROFILE, policies, MONDAY_NOON))
        .containsEntry("work_mem", "16MB")
        .doesNotContainKey("random_page_cost");
  }

  @Test
  void policiesHoldForClustersThatDoNotNameThePlugin() throws IOException {
    Cluster other = minimal.with(json -> ((ObjectNode) json.path("spec")).remove("plugins"));

    List<ValidationFinding> findings =
        check(
            Optional.empty(), other, "    - {name: backup, cluster: {backup: {required: true}}}\n");

    assertThat(findings)
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Severity.ERROR);
              assertThat(finding.path()).containsExactly("spec", "backup");
              assertThat(finding.message()).contains("policy 'backup'");
            });
  }

  @Test
  void whatWasWrongBeforeAChangeOnlyWarns() throws IOException {
    String policies = "    - {name: three, cluster: {instances: {minimum: 5}}}\n";
    Cluster labelled =
        minimal.with(
            json -> ((ObjectNode) json.path("metadata").path("labels")).put("new", "label"));
    Cluster shrunk = minimal.with(json -> ((ObjectNode) json.path("spec")).put("instances", 2));

    assertThat(check(Optional.of(minimal), labelled, policies))
        .singleElement()
        .extracting(ValidationFinding::severity)
        .isEqualTo(Severity.WARNING);
    assertThat(check(Optional.of(minimal), shrunk, policies))
        .singleElement()
        .extracting(ValidationFinding::severity)
        .isEqualTo(Severity.ERROR);
  }

  @Test
  void refusesUnknownNamesAndWrongValuesWithAHint() throws IOException {
    Cluster cluster =
        parameters(
            tuned(), Map.of("shared_bufers", "1GB", "work_mem", "4mb", "log_directory", "/tmp"));

    List<ValidationFinding> findings = create(cluster);

    assertThat(findings)
        .extracting(ValidationFinding::message)
        .anySatisfy(message -> assertThat(message).contains("did you mean 'shared_buffers'?"))
        .anySatisfy(message -> assertThat(message).contains("units B, kB, MB, GB, TB"))
        .anySatisfy(message -> assertThat(message).contains("CloudNativePG fixes log_directory"));
    assertThat(findings).hasSize(3).allMatch(f -> f.severity() == Severity.ERROR);
  }

  @Test
  void theOperatorsOwnEntriesAreFine() throws IOException {
    assertThat(create(tuned())).isEmpty();
    assertThat(
            SpecValidation.of(
                Cluster.decode(Files.readAllBytes(OBJECTS.resolve("cluster-rich.json")))))
        .isEmpty();
  }

  @Test
  void saysWhyNothingIsTuned() throws IOException {
    assertThat(create(minimal))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Severity.WARNING);
              assertThat(finding.message()).contains("spec.resources.limits.memory");
            });
  }

  @Test
  void aWindowMustBeOne() throws IOException {
    assertThat(create(tuned("applyRestart", "window"))).hasSize(1);
    assertThat(create(tuned("window", "whenever")))
        .singleElement()
        .extracting(finding -> finding.path().getLast())
        .isEqualTo("window");
  }

  @Test
  void aPolicyThatCanNotHoldFailsTheStart() {
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                plugin(
                    "    - {name: typo, parameters: [{name: work_men, maximum: 1GB}]}\n",
                    MONDAY_NOON))
        .withMessageContaining("'typo'")
        .withMessageContaining("work_mem");
  }

  private Cluster tuned(String... more) {
    return minimal.with(
        json -> {
          ObjectNode parameters =
              (ObjectNode) json.path("spec").path("plugins").path(1).path("parameters");
          parameters.put("profile", "web").put("memory", "16Gi").put("cpu", "4");
          for (int i = 0; i < more.length; i += 2) {
            parameters.put(more[i], more[i + 1]);
          }
          // Large enough that WAL isn't capped.
          ((ObjectNode) json.path("spec").path("storage")).put("size", "100Gi");
        });
  }

  private static Cluster parameters(Cluster cluster, Map<String, String> more) {
    return cluster.with(
        json ->
            new TreeMap<>(more)
                .forEach(
                    ((ObjectNode) json.path("spec").path("postgresql").path("parameters"))::put));
  }

  private static Cluster heldByHowdah(Cluster cluster, String name, String value) {
    return parameters(cluster, Map.of(name, value))
        .with(
            json -> {
              ArrayNode fields = (ArrayNode) json.path("metadata").path("managedFields");
              if (fields
                      .path(0)
                      .path("fieldsV1")
                      .path("f:spec")
                      .path("f:postgresql")
                      .path("f:parameters")
                  instanceof ObjectNode users) {
                users.remove("f:" + name);
              }
              fields
                  .addObject()
                  .put("manager", "howdah")
                  .put("operation", "Apply")
                  .putObject("fieldsV1")
                  .putObject("f:spec")
                  .putObject("f:postgresql")
                  .putObject("f:parameters")
                  .putObject("f:" + name);
            });
  }

  private Map<String, String> desired(Cluster cluster, ParameterLayer layer) throws IOException {
    return desired(cluster, layer, "", MONDAY_NOON);
  }

  private Map<String, String> desired(
      Cluster cluster, ParameterLayer layer, String policies, Instant now) throws IOException {
    return hooks(policies, now).desiredParameters().stream()
        .filter(registered -> registered.layer() == layer)
        .map(DesiredParametersRegistration::hook)
        .findFirst()
        .orElseThrow()
        .desired(context(cluster));
  }

  private ConfigurationStatus status(Cluster cluster, Instant now) throws IOException {
    return (ConfigurationStatus)
        hooks("", now).status().orElseThrow().status(context(cluster)).orElseThrow();
  }

  private List<ValidationFinding> create(Cluster cluster) throws IOException {
    return hooks("", MONDAY_NOON).validateCreate().orElseThrow().validate(context(cluster));
  }

  private List<ValidationFinding> check(Optional<Cluster> before, Cluster cluster, String policies)
      throws IOException {
    return hooks(policies, MONDAY_NOON).policy().orElseThrow().check(before, context(cluster));
  }

  private static OfflineContext context(Cluster cluster) {
    return new OfflineContext(cluster, ConfigurationPlugin.NAME);
  }

  private RegisteredHooks hooks(String policies, Instant now) throws IOException {
    return HookRegistry.collect(plugin(policies, now));
  }

  private ConfigurationPlugin plugin(String policies, Instant now) throws IOException {
    Path file = folder.resolve("application.yaml");
    Files.writeString(
        file,
        "howdah:\n  plugins:\n    configuration:\n      policies:\n"
            + (policies.isEmpty() ? "        []\n" : policies.indent(4)));
    ConfigurationPlugin plugin =
        new ConfigurationPlugin(
            OfflineConfiguration.read(file, "configuration"), Clock.fixed(now, ZoneOffset.UTC));
    assertThat(plugin.metadata().name()).isEqualTo(ConfigurationPlugin.NAME);
    return plugin;
  }
}
