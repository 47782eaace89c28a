package dev.howdah.host.changes;

import dev.howdah.plugin.cluster.Cluster;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Who wrote which fields of an object, by its {@code managedFields}. These name programs, not
 * users; of each only the last time that it wrote; and nothing of a field that was removed.
 */
final class FieldManagers {

  private static final int MOST_FIELDS = 200;
  private static final JsonMapper JSON = JsonMapper.shared();

  private FieldManagers() {}

  /**
   * One manager.
   *
   * @param name what it calls itself, such as {@code kubectl-edit}
   * @param operation {@code Apply} or {@code Update}
   * @param subresource such as {@code scale}; empty for the object itself
   * @param time when it wrote last, as the API server writes it
   * @param fields the fields of the spec that it holds, as JSON pointers
   */
  record Manager(
      String name, String operation, String subresource, String time, List<String> fields) {

    Manager {
      fields = List.copyOf(fields);
    }

    ObjectNode json() {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.put("manager", name).put("operation", operation);
      if (!subresource.isEmpty()) {
        node.put("subresource", subresource);
      }
      node.put("time", time);
      ArrayNode holds = node.putArray("holds");
      fields.stream().limit(MOST_FIELDS).forEach(holds::add);
      if (fields.size() > MOST_FIELDS) {
        node.put("more", fields.size() - MOST_FIELDS);
      }
      return node;
    }
  }

  /** All that hold fields of the spec, the one that wrote last at the end. */
  static List<Manager> of(Cluster cluster) {
    List<Manager> managers = new ArrayList<>();
    for (JsonNode entry : cluster.at("metadata", "managedFields")) {
      JsonNode spec = entry.path("fieldsV1").path("f:spec");
      if (spec.isObject()) {
        List<String> fields = new ArrayList<>();
        collect(spec, "/spec", fields);
        managers.add(
            new Manager(
                entry.path("manager").asString(""),
                entry.path("operation").asString(""),
                entry.path("subresource").asString(""),
                entry.path("time").asString(""),
                fields));
      }
    }
    managers.sort(Comparator.comparing(manager -> KnownChanges.instant(manager.time())));
    return managers;
  }

  /** Those that wrote after a time; if none did, the one that wrote last. */
  static List<Manager> since(String time, List<Manager> managers) {
    List<Manager> later =
        managers.stream()
            .filter(
                manager -> KnownChanges.instant(manager.time()).isAfter(KnownChanges.instant(time)))
            .toList();
    return later.isEmpty() && !managers.isEmpty() ? List.of(managers.getLast()) : later;
  }

  private static void collect(JsonNode fields, String path, List<String> into) {
    boolean deeper = false;
    for (var field : fields.properties()) {
      if (!field.getKey().equals(".")) {
        deeper = true;
        collect(field.getValue(), path + "/" + step(field.getKey()), into);
      }
    }
    if (!deeper) {
      into.add(path);
    }
  }

  /** {@code f:} is a field; {@code k:} an element by its keys, {@code v:} and {@code i:} others. */
  private static String step(String key) {
    String plain = key.startsWith("k:") ? byKeys(key.substring(2)) : key.substring(plainFrom(key));
    return plain.replace("~", "~0").replace("/", "~1");
  }

  private static int plainFrom(String key) {
    return key.length() > 1 && key.charAt(1) == ':' ? 2 : 0;
  }

  private static String byKeys(String keys) {
    try {
      JsonNode name = JSON.readTree(keys).path("name");
      return name.isString() ? "[name=" + name.stringValue() + "]" : keys;
    } catch (JacksonException e) {
      return keys;
    }
  }
}
