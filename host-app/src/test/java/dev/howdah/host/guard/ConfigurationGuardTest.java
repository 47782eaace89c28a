package dev.howdah.host.guard;

import static dev.howdah.host.guard.GuardAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.OperatorObjects;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigurationGuardTest {

  private static final String PLUGIN = "tuning.example.com";

  private final ConfigurationGuard guard = new ConfigurationGuard();
  private final Map<String, String> rich = OperatorObjects.configuration("enrich-configs-rich");

  @Test
  void additionsComeOnTopOfEverythingThatWasThere() {
    Map<String, String> merged =
        guard.merge(PLUGIN, rich, Map.of("work_mem", "32MB", "my_extension.level", "two words"));

    assertThat(merged)
        .hasSize(rich.size() + 1)
        .containsEntry("work_mem", "32MB")
        .containsEntry("my_extension.level", "two words")
        .containsEntry("archive_command", rich.get("archive_command"));
  }

  @Test
  void noAdditionsLeaveItAsItIs() {
    assertThat(guard.merge(PLUGIN, rich, Map.of())).isEqualTo(rich);
    assertThat(guard.merge(PLUGIN, rich, rich)).as("what a Go plugin would return").isEqualTo(rich);
  }

  @Test
  void whatWasMergedCanBeMergedAgain() {
    Map<String, String> additions = Map.of("work_mem", "32MB");
    Map<String, String> once = guard.merge(PLUGIN, rich, additions);

    assertThat(guard.merge(PLUGIN, once, additions)).isEqualTo(once);
  }

  @Test
  void nothingThatIsMandatoryForTheOperatorCanBeChanged() {
    Map<String, String> initdb = OperatorObjects.configuration("enrich-configs-init");
    Map<String, String> running = OperatorObjects.configuration("enrich-configs");
    List<String> mandatory =
        running.keySet().stream().filter(name -> !initdb.containsKey(name)).toList();

    assertThat(mandatory).contains("archive_command", "port", "ssl");
    for (String name : mandatory) {
      assertFixed(running, name, "other");
      assertFixed(initdb, name, "other");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cluster_name",
        "log_destination",
        "synchronous_standby_names",
        "ssl_min_protocol_version",
        "wal_level",
        "wal_log_hints",
        "archive_mode",
        "primary_conninfo",
        "data_directory",
        "include",
        "cnpg.synchronous_standby_names_metadata",
        "cnpg.config_sha256",
        "CNPG.config_sha256",
        "Port"
      })
  void whatIsTheOperatorsOwnCanBeNeitherChangedNorAdded(String name) {
    assertFixed(rich, name, "other");
    assertFixed(Map.of(), name, "other");
  }

  @Test
  void repeatingAFixedValueIsNoChange() {
    assertThat(guard.merge(PLUGIN, rich, Map.of("port", "5432"))).isEqualTo(rich);
  }

  @Test
  void librariesCanBeAddedButNotRemoved() {
    String more = rich.get("shared_preload_libraries") + ",pg_cron2";

    assertThat(guard.merge(PLUGIN, rich, Map.of("shared_preload_libraries", more)))
        .containsEntry("shared_preload_libraries", more);
    assertFixed(rich, "shared_preload_libraries", "pg_cron2");
    assertFixed(rich, "dynamic_library_path", "$libdir");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "work mem", "work_mem=1", "1st", "a..b", "a.", "work_mem\n", "é"})
  void whatIsNoNameIsRefused(String name) {
    assertMalformed(Map.of(name, "1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1\nport = 1", "1\r", "\0", "a\u0007"})
  void aValueThatLeavesItsLineIsRefused(String value) {
    assertMalformed(Map.of("work_mem", value));
  }

  @Test
  void theSameParameterInAnotherCaseIsRefused() {
    assertMalformed(Map.of("Work_Mem", "1MB"));
  }

  @Test
  void missingNamesValuesAndAnswersAreRefused() {
    assertMalformed(Collections.singletonMap("work_mem", null));
    assertMalformed(Collections.singletonMap(null, "1"));
    assertRefused(PLUGIN, GuardRule.ANSWER_MISSING, () -> guard.merge(PLUGIN, rich, null));
  }

  @Test
  void aWishForTheSpecMayHoldWhatTheOperatorChecksThere() {
    Map<String, String> wish =
        Map.of("wal_level", "replica", "ssl_min_protocol_version", "TLSv1.2");

    assertThat(guard.desired(PLUGIN, wish)).isEqualTo(wish);
    assertRefused(
        PLUGIN,
        GuardRule.CONFIGURATION_FIXED,
        () -> guard.desired(PLUGIN, Map.of("shared_preload_libraries", "x")));
    assertRefused(
        PLUGIN,
        GuardRule.CONFIGURATION_SYNTAX,
        () -> guard.desired(PLUGIN, Map.of("work_mem", "\n")));
    assertRefused(PLUGIN, GuardRule.ANSWER_MISSING, () -> guard.desired(PLUGIN, null));
  }

  private void assertFixed(Map<String, String> configuration, String name, String value) {
    GuardViolation violation =
        assertRefused(
            PLUGIN,
            GuardRule.CONFIGURATION_FIXED,
            () -> guard.merge(PLUGIN, configuration, Map.of(name, value)));
    assertThat(violation).hasMessageContaining(name);
  }

  private void assertMalformed(Map<String, String> additions) {
    assertRefused(
        PLUGIN, GuardRule.CONFIGURATION_SYNTAX, () -> guard.merge(PLUGIN, rich, additions));
  }
}
