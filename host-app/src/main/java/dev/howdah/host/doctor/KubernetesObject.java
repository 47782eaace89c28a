package dev.howdah.host.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One Kubernetes object of any kind, as JSON: a check must be able to read what a typed model would
 * refuse.
 *
 * @param json the whole object
 */
record KubernetesObject(JsonNode json) {

  String kind() {
    return text("kind");
  }

  String name() {
    return json.path("metadata").path("name").asString("");
  }

  String namespace() {
    return json.path("metadata").path("namespace").asString("");
  }

  /** Kind, namespace and name, for a reader. */
  String subject() {
    return namespace().isEmpty()
        ? kind() + " " + name()
        : "%s %s/%s".formatted(kind(), namespace(), name());
  }

  Optional<String> label(String key) {
    return stringAt(json.path("metadata").path("labels").path(key));
  }

  Optional<String> annotation(String key) {
    return stringAt(json.path("metadata").path("annotations").path(key));
  }

  /** The value behind steps of field names; a missing node if there is none. */
  JsonNode at(String... steps) {
    JsonNode node = json;
    for (String step : steps) {
      node = node.path(step);
    }
    return node;
  }

  /** A text behind steps of field names; empty if there is none. */
  String text(String... steps) {
    return at(steps).asString("");
  }

  /** The elements of a list behind steps of field names. */
  List<JsonNode> list(String... steps) {
    List<JsonNode> elements = new ArrayList<>();
    at(steps).forEach(elements::add);
    return elements;
  }

  private static Optional<String> stringAt(JsonNode node) {
    return node.isMissingNode() || node.isNull() ? Optional.empty() : Optional.of(node.asString());
  }
}
