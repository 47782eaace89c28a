package dev.howdah.testkit;

import org.assertj.core.api.AbstractObjectAssert;
import org.assertj.core.api.Assertions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What the Cluster's status holds about the plugin. */
public final class StatusAnswer extends AbstractObjectAssert<StatusAnswer, JsonNode> {

  private final ObjectNode status;

  StatusAnswer(ObjectNode actual) {
    super(actual, StatusAnswer.class);
    this.status = actual;
  }

  /** The plugin says nothing. */
  public StatusAnswer isNothing() {
    Assertions.assertThat((JsonNode) status).as("the plugin's status").isEmpty();
    return this;
  }

  /**
   * A field of the status.
   *
   * @param field its name
   * @param value a string, a number or a truth value, or any record that serialises to JSON
   */
  public StatusAnswer has(String field, Object value) {
    JsonNode expected = Models.JSON.readTree(Models.JSON.writeValueAsBytes(value));
    Assertions.assertThat(status.path(field))
        .as("'%s' of the plugin's status %s", field, status)
        .isEqualTo(expected);
    return this;
  }
}
