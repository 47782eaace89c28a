package dev.howdah.host.doctor;

import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/** Which plugins a Cluster's definition names. */
final class ClusterPlugins {

  private ClusterPlugins() {}

  /** Entries of {@code spec.plugins} that are enabled, in order. */
  static List<JsonNode> entries(KubernetesObject cluster) {
    return cluster.list("spec", "plugins").stream()
        .filter(plugin -> plugin.path("enabled").asBoolean(true))
        .toList();
  }

  static List<String> names(KubernetesObject cluster) {
    return entries(cluster).stream().map(it -> it.path("name").asString("")).distinct().toList();
  }

  /** All that the operator loads: those of the external clusters, too. */
  static List<String> loaded(KubernetesObject cluster) {
    TreeSet<String> names = new TreeSet<>(names(cluster));
    for (JsonNode external : cluster.list("spec", "externalClusters")) {
      JsonNode plugin = external.path("plugin");
      if (plugin.isObject() && plugin.path("enabled").asBoolean(true)) {
        names.add(plugin.path("name").asString(""));
      }
    }
    return List.copyOf(names);
  }

  /** Whether the operator has seen a capability of a plugin. */
  static boolean declares(KubernetesObject cluster, String plugin, String capability) {
    return cluster.list("status", "pluginStatus").stream()
        .filter(it -> it.path("name").asString("").equals(plugin))
        .anyMatch(
            it -> {
              for (JsonNode one : it.path("capabilities")) {
                if (one.asString("").equals(capability)) {
                  return true;
                }
              }
              return false;
            });
  }

  static Optional<String> parameter(JsonNode entry, String name) {
    String value = entry.path("parameters").path(name).asString("");
    return value.isEmpty() ? Optional.empty() : Optional.of(value);
  }
}
