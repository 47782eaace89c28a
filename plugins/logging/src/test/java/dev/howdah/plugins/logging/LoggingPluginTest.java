package dev.howdah.plugins.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.admission.ValidationFinding.Severity;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.FixedParameters;
import dev.howdah.plugin.postgres.ParameterLayer;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.RegisteredHooks;
import dev.howdah.plugins.configuration.catalogue.Catalogue;
import dev.howdah.plugins.configuration.offline.OfflineContext;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LoggingPluginTest {

  private static final Instant NOW = Instant.parse("2026-11-23T12:00:00Z");

  @ParameterizedTest
  @EnumSource
  void everyPresetIsValidOnEveryMajorAndNeedsNoRestart(Preset preset) {
    IntStream.rangeClosed(Catalogue.OLDEST, Catalogue.NEWEST)
        .mapToObj(Catalogue::of)
        .forEach(
            catalogue ->
                preset
                    .settings()
                    .forEach(
                        (name, value) -> {
                          assertThat(catalogue.problem(name, value)).isEmpty();
                          assertThat(catalogue.find(name).orElseThrow().needsRestart()).isFalse();
                          assertThat(FixedParameters.contains(name)).isFalse();
                        }));
    assertThat(preset.settings().keySet()).isEqualTo(Preset.QUIET.settings().keySet());
  }

  @Test
  void aSingleSettingGoesBeforeThePresetAndTheUserBeforeBoth() {
    Cluster cluster =
        cluster(
            "\"preset\": \"standard\", \"slowQueries\": \"5s\", \"lockWaits\": \"false\"",
            "\"log_lock_waits\": \"on\"");

    assertThat(desired(cluster, NOW))
        .containsEntry("log_min_duration_statement", "5s")
        .containsEntry("log_checkpoints", "on")
        .doesNotContainKey("log_lock_waits");
    assertThat(status(cluster, NOW).settings())
        .containsEntry("log_min_duration_statement", "5s (parameter slowQueries)")
        .containsEntry("log_checkpoints", "on (preset standard)")
        .containsEntry("log_lock_waits", "on (user)");
  }

  @Test
  void offAndAllStandForTheExtremes() {
    Cluster cluster =
        cluster(
            "\"slowQueries\": \"all\", \"temporaryFiles\": \"off\", \"autovacuum\": \"1min\","
                + " \"statements\": \"all\"",
            "");

    assertThat(desired(cluster, NOW))
        .containsOnly(
            Map.entry("log_min_duration_statement", "0"),
            Map.entry("log_temp_files", "-1"),
            Map.entry("log_autovacuum_min_duration", "1min"),
            Map.entry("log_statement", "all"));
  }

  @Test
  void theVerboseWindowEndsByItself() {
    Cluster cluster =
        cluster(
            "\"preset\": \"quiet\", \"verboseUntil\": \"2026-11-23T14:00:00+01:00\","
                + " \"verbosePreset\": \"troubleshooting\"",
            "");
    Instant end = Instant.parse("2026-11-23T13:00:00Z");

    assertThat(desired(cluster, end.minusMillis(1)))
        .containsEntry("log_min_duration_statement", "50ms");
    assertThat(desired(cluster, end)).isEqualTo(Preset.QUIET.settings());
  }

  @Test
  void theStatusDoesNotChangeWithTheTime() {
    Cluster cluster =
        cluster("\"preset\": \"quiet\", \"verboseUntil\": \"2026-11-23T13:00:00Z\"", "");

    assertThat(status(cluster, NOW)).isEqualTo(status(cluster, NOW.plusSeconds(86_400)));
    assertThat(status(cluster, NOW).verboseUntil()).isEqualTo("2026-11-23T13:00:00Z");
  }

  @Test
  void extensionsAreWishedForByTheirKeysFromWhichCloudNativePgPreloadsThem() {
    Cluster cluster =
        cluster(
            "\"explainFrom\": \"2s\", \"explainAnalyze\": \"true\", \"explainSampleRate\": \"0.5\","
                + " \"statementStatistics\": \"all\", \"statementStatisticsMax\": \"10000\"",
            "");

    Map<String, String> desired = desired(cluster, NOW);

    assertThat(desired)
        .containsOnly(
            Map.entry("auto_explain.log_min_duration", "2s"),
            Map.entry("auto_explain.log_analyze", "on"),
            Map.entry("auto_explain.log_buffers", "on"),
            Map.entry("auto_explain.sample_rate", "0.5"),
            Map.entry("pg_stat_statements.track", "all"),
            Map.entry("pg_stat_statements.max", "10000"));
    desired.forEach((name, value) -> assertThat(Catalogue.of(18).problem(name, value)).isEmpty());
  }

  @Test
  void offLeavesNoKeyOfAnExtensionBehind() {
    assertThat(
            desired(cluster("\"explainFrom\": \"off\", \"statementStatistics\": \"off\"", ""), NOW))
        .isEmpty();
  }

  @Test
  void aWindowThatIsNoTimeIsAnErrorAndAPastOneAWarning() {
    assertThat(validate(cluster("\"verboseUntil\": \"tomorrow\"", "")))
        .singleElement()
        .satisfies(
            finding -> {
              assertThat(finding.severity()).isEqualTo(Severity.ERROR);
              assertThat(String.join(".", finding.path()))
                  .isEqualTo("spec.plugins.0.parameters.verboseUntil");
            });
    assertThat(validate(cluster("\"verboseUntil\": \"2020-01-01T00:00:00Z\"", "")))
        .extracting(ValidationFinding::severity)
        .containsExactly(Severity.WARNING);
    assertThat(validate(cluster("\"verboseUntil\": \"2027-01-01T00:00:00Z\"", "")))
        .extracting(ValidationFinding::severity)
        .containsExactly(Severity.WARNING);
    assertThat(validate(cluster("\"verboseUntil\": \"2026-11-24T00:00:00Z\"", ""))).isEmpty();
  }

  @Test
  void wantsNothingForAClusterThatDoesNotNameIt() {
    Cluster cluster =
        Cluster.decode("{\"metadata\":{\"name\":\"c\"}}".getBytes(StandardCharsets.UTF_8));

    assertThat(desired(cluster, NOW)).isEmpty();
  }

  private static Cluster cluster(String parameters, String postgres) {
    return Cluster.decode(
        """
        {"metadata": {"name": "c"}, "spec": {
          "plugins": [{"name": "logging.howdah.dev", "parameters": {%s}}],
          "postgresql": {"parameters": {%s}}}}
        """
            .formatted(parameters, postgres)
            .getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, String> desired(Cluster cluster, Instant now) {
    return hooks(now).desiredParameters().stream()
        .peek(registered -> assertThat(registered.layer()).isEqualTo(ParameterLayer.LOGGING))
        .findFirst()
        .orElseThrow()
        .hook()
        .desired(context(cluster));
  }

  private static LoggingStatus status(Cluster cluster, Instant now) {
    return (LoggingStatus) hooks(now).status().orElseThrow().status(context(cluster)).orElseThrow();
  }

  private static List<ValidationFinding> validate(Cluster cluster) {
    return hooks(NOW).validateCreate().orElseThrow().validate(context(cluster));
  }

  private static OfflineContext context(Cluster cluster) {
    return new OfflineContext(cluster, LoggingPlugin.NAME);
  }

  private static RegisteredHooks hooks(Instant now) {
    LoggingPlugin plugin = new LoggingPlugin(Clock.fixed(now, ZoneOffset.UTC));
    assertThat(plugin.metadata().name()).isEqualTo(LoggingPlugin.NAME);
    return HookRegistry.collect(plugin);
  }
}
