package dev.howdah.sanity.check;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/**
 * What the operator's typed decoder and the API server would object to in a Pod, as far as plugins
 * get it wrong: types of the common fields, names, and references between them.
 */
final class PodShape {
  private static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

  private enum Type {
    TEXT,
    NUMBER,
    FLAG,
    LIST,
    OBJECT
  }

  private static final Map<String, Type> POD =
      Map.ofEntries(
          Map.entry("volumes", Type.LIST),
          Map.entry("containers", Type.LIST),
          Map.entry("initContainers", Type.LIST),
          Map.entry("restartPolicy", Type.TEXT),
          Map.entry("terminationGracePeriodSeconds", Type.NUMBER),
          Map.entry("serviceAccountName", Type.TEXT),
          Map.entry("nodeSelector", Type.OBJECT),
          Map.entry("securityContext", Type.OBJECT),
          Map.entry("affinity", Type.OBJECT),
          Map.entry("tolerations", Type.LIST),
          Map.entry("hostname", Type.TEXT),
          Map.entry("imagePullSecrets", Type.LIST),
          Map.entry("shareProcessNamespace", Type.FLAG));

  private static final Map<String, Type> CONTAINER =
      Map.ofEntries(
          Map.entry("name", Type.TEXT),
          Map.entry("image", Type.TEXT),
          Map.entry("imagePullPolicy", Type.TEXT),
          Map.entry("command", Type.LIST),
          Map.entry("args", Type.LIST),
          Map.entry("env", Type.LIST),
          Map.entry("envFrom", Type.LIST),
          Map.entry("ports", Type.LIST),
          Map.entry("resources", Type.OBJECT),
          Map.entry("restartPolicy", Type.TEXT),
          Map.entry("securityContext", Type.OBJECT),
          Map.entry("startupProbe", Type.OBJECT),
          Map.entry("livenessProbe", Type.OBJECT),
          Map.entry("readinessProbe", Type.OBJECT),
          Map.entry("volumeMounts", Type.LIST),
          Map.entry("workingDir", Type.TEXT));

  private PodShape() {}

  /** Init containers, then containers, of a Pod's spec. */
  static List<JsonNode> containers(JsonNode spec) {
    List<JsonNode> containers = new ArrayList<>();
    spec.path("initContainers").forEach(containers::add);
    spec.path("containers").forEach(containers::add);
    return containers;
  }

  /** What is wrong with a Pod, in words; empty when nothing is. */
  static List<String> problems(JsonNode pod) {
    List<String> problems = new ArrayList<>();
    JsonNode spec = pod.path("spec");
    types("spec", spec, POD, problems);
    Set<String> volumes = new HashSet<>();
    for (JsonNode volume : spec.path("volumes")) {
      String name = volume.path("name").asString("");
      if (!LABEL.matcher(name).matches()) {
        problems.add("volume name '" + name + "' is no DNS label");
      }
      if (!volumes.add(name)) {
        problems.add("volume " + name + " is there twice");
      }
    }
    Set<String> names = new HashSet<>();
    for (JsonNode container : containers(spec)) {
      container(container, names, volumes, problems);
    }
    boolean postgres = false;
    for (JsonNode container : spec.path("containers")) {
      postgres |= container.path("name").asString("").equals("postgres");
    }
    if (!postgres) {
      problems.add("container postgres is gone");
    }
    return problems;
  }

  private static void container(
      JsonNode container, Set<String> names, Set<String> volumes, List<String> problems) {
    String name = container.path("name").asString("");
    types("container " + name, container, CONTAINER, problems);
    if (!LABEL.matcher(name).matches()) {
      problems.add("container name '" + name + "' is no DNS label");
    }
    if (!names.add(name)) {
      problems.add("container " + name + " is there twice");
    }
    if (container.path("image").asString("").isBlank()) {
      problems.add("container " + name + " has no image");
    }
    for (JsonNode variable : container.path("env")) {
      if (!variable.path("name").isString() || variable.path("name").asString("").isEmpty()) {
        problems.add("container " + name + " has an env entry without name");
      }
      if (variable.has("value") && !variable.path("value").isString()) {
        problems.add("container " + name + " has an env value that is no text");
      }
    }
    Set<String> paths = new HashSet<>();
    for (JsonNode mount : container.path("volumeMounts")) {
      String volume = mount.path("name").asString("");
      String path = mount.path("mountPath").asString("");
      if (!volumes.contains(volume)) {
        problems.add("container " + name + " mounts volume " + volume + ", which is not there");
      }
      if (!paths.add(path)) {
        problems.add("container " + name + " mounts " + path + " twice");
      }
    }
  }

  private static void types(
      String where, JsonNode node, Map<String, Type> types, List<String> problems) {
    types.forEach(
        (field, type) -> {
          JsonNode value = node.path(field);
          if (!value.isMissingNode() && !value.isNull() && !is(value, type)) {
            problems.add(where + "." + field + " is " + value.getNodeType() + ", not " + type);
          }
        });
  }

  private static boolean is(JsonNode value, Type type) {
    return switch (type) {
      case TEXT -> value.isString();
      case NUMBER -> value.isIntegralNumber();
      case FLAG -> value.isBoolean();
      case LIST -> value.isArray();
      case OBJECT -> value.isObject();
    };
  }
}
