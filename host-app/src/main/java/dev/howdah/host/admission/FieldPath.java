package dev.howdah.host.admission;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** A finding's path in two forms: for people, and to compare it between two Clusters. */
final class FieldPath {

  private FieldPath() {}

  /** As Kubernetes writes it: {@code spec.plugins[0].parameters.labels}, {@code labels[a.b/c]}. */
  static String shown(List<String> path) {
    StringBuilder shown = new StringBuilder();
    for (String step : path) {
      if (step.matches("[0-9]+") || !step.matches("[A-Za-z0-9_-]+")) {
        shown.append('[').append(step).append(']');
      } else {
        shown.append(shown.isEmpty() ? "" : ".").append(step);
      }
    }
    return shown.toString();
  }

  /**
   * The same for the same field although a list has grown before it: elements that have a name are
   * called by it.
   */
  static String named(List<String> path, JsonNode cluster) {
    StringBuilder named = new StringBuilder();
    JsonNode node = cluster;
    for (String step : path) {
      node =
          node.isArray() && step.matches("[0-9]{1,6}")
              ? node.path(Integer.parseInt(step))
              : node.path(step);
      String name = node.path("name").asString("");
      boolean element = step.matches("[0-9]+") && !name.isEmpty();
      named.append('/').append(element ? "name=" + name : step);
    }
    return named.toString();
  }
}
