package dev.howdah.host.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Paths for people, and paths to compare. */
class FieldPathTest {

  @Test
  void isShownAsKubernetesWritesIt() {
    assertThat(FieldPath.shown(List.of("spec", "plugins", "0", "parameters", "labels")))
        .isEqualTo("spec.plugins[0].parameters.labels");
    assertThat(FieldPath.shown(List.of("metadata", "labels", "a.b/c")))
        .isEqualTo("metadata.labels[a.b/c]");
  }

  @Test
  void staysTheSameWhenAnElementComesBefore() {
    List<String> path = List.of("spec", "plugins", "0", "parameters", "x");
    List<String> moved = List.of("spec", "plugins", "1", "parameters", "x");
    JsonNode before = json("{'spec': {'plugins': [{'name': 'b'}]}}");
    JsonNode after = json("{'spec': {'plugins': [{'name': 'a'}, {'name': 'b'}]}}");

    assertThat(FieldPath.named(moved, after)).isEqualTo(FieldPath.named(path, before));
    assertThat(FieldPath.named(path, after)).isNotEqualTo(FieldPath.named(path, before));
  }

  @Test
  void mayLeadNowhere() {
    assertThat(FieldPath.named(List.of("spec", "7", "x"), json("{'spec': []}")))
        .isEqualTo("/spec/7/x");
  }

  private static JsonNode json(String text) {
    return new JsonMapper().readTree(text.replace('\'', '"'));
  }
}
