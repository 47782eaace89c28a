package dev.howdah.host.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What a review is found to be about. */
class ReviewTest {

  private static Review update(String before, String after) {
    String json =
        """
        {"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {
          "uid": "u", "operation": "UPDATE",
          "kind": {"group": "postgresql.cnpg.io", "version": "v1", "kind": "Cluster"},
          "oldObject": %s, "object": %s}}
        """
            .formatted(before, after);
    return Review.parse(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void anUpdateOfStatusOrFinalizersLeavesTheDefinitionAlone() {
    assertThat(
            update(
                    "{\"metadata\": {\"finalizers\": [\"a\"]}, \"spec\": {\"x\": 1.0}}",
                    "{\"metadata\": {\"labels\": {}}, \"spec\": {\"x\": 1.0}, \"status\": {}}")
                .leavesDefinitionAlone())
        .isTrue();
  }

  @Test
  void anUpdateOfSpecLabelsOrAnnotationsDoesNot() {
    assertThat(update("{\"spec\": {\"x\": 1}}", "{\"spec\": {\"x\": 2}}").leavesDefinitionAlone())
        .isFalse();
    assertThat(update("{\"spec\": {}}", "{\"spec\": 5}").leavesDefinitionAlone()).isFalse();
    for (String part : new String[] {"labels", "annotations"}) {
      assertThat(
              update("{}", "{\"metadata\": {\"%s\": {\"a\": \"b\"}}}".formatted(part))
                  .leavesDefinitionAlone())
          .isFalse();
    }
  }

  @Test
  void aNameIsFoundWhereverItStands() {
    assertThat(update("{\"metadata\": {\"name\": \"old\"}}", "null").bestName()).isEqualTo("old");
    assertThat(update("null", "{\"metadata\": {\"generateName\": \"x-\"}}").bestName())
        .isEqualTo("x-");
    assertThat(update("null", "null").bestName()).isEmpty();
  }
}
