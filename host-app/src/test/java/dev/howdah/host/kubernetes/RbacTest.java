package dev.howdah.host.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.Yaml;

/** What the host may ask of the API server stays small. */
class RbacTest {

  private static final List<Map<String, Object>> RULES =
      features().stream().flatMap(feature -> rules(feature).stream()).toList();

  @Test
  void everyFeatureSaysWhatItNeedsAndWhere() {
    assertThat(features())
        .isNotEmpty()
        .allSatisfy(
            feature -> {
              assertThat(feature).containsKeys("name", "why");
              assertThat(feature.get("scope")).isIn("host", "clusters");
              assertThat(rules(feature)).isNotEmpty();
            });
  }

  @Test
  void noRightOnSecretsOrOnEverythingIsAsked() {
    assertThat(RULES)
        .allSatisfy(
            rule -> {
              assertThat(rule).containsOnlyKeys("apiGroups", "resources", "verbs");
              assertThat(rule.values())
                  .allSatisfy(value -> assertThat((List<?>) value).isNotEmpty());
              assertThat((List<?>) rule.get("resources"))
                  .noneMatch(it -> it.toString().startsWith("secrets"));
              assertThat(rule.values()).noneMatch(value -> ((List<?>) value).contains("*"));
              assertThat(rule.get("verbs").toString()).doesNotContain("escalate", "bind");
            });
  }

  private static List<Map<String, Object>> features() {
    return list(
        new Yaml()
            .<Map<String, Object>>load(
                RbacTest.class.getResourceAsStream("/META-INF/howdah/rbac.yaml"))
            .get("features"));
  }

  private static List<Map<String, Object>> rules(Map<String, Object> feature) {
    return list(feature.get("rules"));
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> list(Object value) {
    return (List<Map<String, Object>>) value;
  }
}
