package dev.howdah.host.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What changed between two objects, field by field, with redacted values. Compared are the values
 * as they were, so a changed password shows as a change though neither value does.
 *
 * <p>Left out is what the API server and the operator keep up by themselves: {@code managedFields},
 * {@code resourceVersion}, {@code generation}, the last applied configuration and the status.
 * Elements of lists that all have a distinct {@code name} are matched by it, so that an inserted
 * element isn't shown as a change of all that follow.
 */
final class FieldDiff {

  private static final Set<List<String>> NOISE =
      Set.of(
          List.of("metadata", "managedFields"),
          List.of("metadata", "resourceVersion"),
          List.of("metadata", "generation"),
          List.of("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"),
          List.of("status"));

  private final Redactor redactor;
  private final ArrayNode changes = JsonNodeFactory.instance.arrayNode();

  private FieldDiff(Redactor redactor) {
    this.redactor = redactor;
  }

  /**
   * Compares two objects.
   *
   * @param before the object before; a missing or null node if there was none
   * @param after the object after; a missing or null node if there is none
   * @return one entry for each changed field: its pointer, and the redacted values before and after
   *     where it had one
   */
  static ArrayNode between(JsonNode before, JsonNode after, Redactor redactor) {
    FieldDiff diff = new FieldDiff(redactor);
    diff.compare(orEmpty(before), orEmpty(after), new ArrayList<>(), new ArrayList<>());
    return diff.changes;
  }

  /** The object without what is left out. */
  static JsonNode comparable(JsonNode object) {
    if (!object.isObject()) {
      return object;
    }
    JsonNode copy = object.deepCopy();
    for (List<String> path : NOISE) {
      JsonNode parent = copy;
      for (String step : path.subList(0, path.size() - 1)) {
        parent = parent.path(step);
      }
      if (parent instanceof ObjectNode fields) {
        fields.remove(path.getLast());
      }
    }
    return copy;
  }

  /** An object that isn't there, in a form whose fields are compared one by one. */
  private static JsonNode orEmpty(JsonNode object) {
    if (object.isObject()) {
      return object;
    }
    ObjectNode empty = JsonNodeFactory.instance.objectNode();
    empty.putObject("metadata");
    return empty;
  }

  private void compare(JsonNode before, JsonNode after, List<String> shown, List<String> path) {
    if (NOISE.contains(path) || before.equals(after)) {
      return;
    }
    if (before.isObject() && after.isObject()) {
      Set<String> names = new TreeSet<>();
      before.properties().forEach(field -> names.add(field.getKey()));
      after.properties().forEach(field -> names.add(field.getKey()));
      for (String name : names) {
        descend(before.path(name), after.path(name), name, name, shown, path);
      }
    } else if (before.isArray() && after.isArray()) {
      compareLists(before, after, shown, path);
    } else {
      add(before, after, shown, path);
    }
  }

  private void compareLists(
      JsonNode before, JsonNode after, List<String> shown, List<String> path) {
    if (named(before) && named(after)) {
      Set<String> names = new TreeSet<>();
      before.forEach(element -> names.add(element.path("name").stringValue()));
      after.forEach(element -> names.add(element.path("name").stringValue()));
      for (String name : names) {
        descend(byName(before, name), byName(after, name), "[name=" + name + "]", "0", shown, path);
      }
      return;
    }
    for (int i = 0; i < Math.max(before.size(), after.size()); i++) {
      String step = String.valueOf(i);
      descend(before.path(i), after.path(i), step, step, shown, path);
    }
  }

  private void descend(
      JsonNode before,
      JsonNode after,
      String shownStep,
      String step,
      List<String> shown,
      List<String> path) {
    shown.add(shownStep);
    path.add(step);
    compare(before, after, shown, path);
    shown.removeLast();
    path.removeLast();
  }

  private void add(JsonNode before, JsonNode after, List<String> shown, List<String> path) {
    ObjectNode change = changes.addObject();
    change.put("path", pointer(shown));
    if (!absent(before)) {
      change.set("before", redactor.redactAt(before, path));
    }
    if (!absent(after)) {
      change.set("after", redactor.redactAt(after, path));
    }
  }

  private static boolean absent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private static boolean named(JsonNode list) {
    Set<String> names = new TreeSet<>();
    for (JsonNode element : list) {
      if (!element.path("name").isString() || !names.add(element.path("name").stringValue())) {
        return false;
      }
    }
    return true;
  }

  private static JsonNode byName(JsonNode list, String name) {
    for (JsonNode element : list) {
      if (element.path("name").stringValue().equals(name)) {
        return element;
      }
    }
    return JsonNodeFactory.instance.missingNode();
  }

  private static String pointer(List<String> steps) {
    StringBuilder pointer = new StringBuilder();
    for (String step : steps) {
      pointer.append('/').append(step.replace("~", "~0").replace("/", "~1"));
    }
    return pointer.toString();
  }
}
