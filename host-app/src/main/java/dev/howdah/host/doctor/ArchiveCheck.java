package dev.howdah.host.doctor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/** Finds archives that more than one writes to: two plugins of a Cluster, or two Clusters. */
final class ArchiveCheck implements Check {

  @Override
  public List<Finding> examine(ClusterObjects objects) {
    List<Finding> findings = new ArrayList<>();
    Map<String, String> writers = new LinkedHashMap<>();
    for (KubernetesObject cluster : objects.clusters()) {
      List<String> archivers = new ArrayList<>();
      for (JsonNode plugin : ClusterPlugins.entries(cluster)) {
        String name = plugin.path("name").asString("");
        if (plugin.path("isWALArchiver").asBoolean(false)) {
          archivers.add("the plugin " + name);
        }
        // An ObjectStore of the Cluster's namespace, and in it a folder named as the Cluster if
        // nothing else is said: the parameters of Howdah's object store and of Barman Cloud's
        // plugin alike.
        ClusterPlugins.parameter(plugin, "barmanObjectName")
            .ifPresent(
                store -> {
                  String folder =
                      ClusterPlugins.parameter(plugin, "serverName").orElse(cluster.name());
                  String place =
                      "%s of ObjectStore %s/%s".formatted(folder, cluster.namespace(), store);
                  String writer = "%s with %s".formatted(cluster.subject(), name);
                  String other = writers.putIfAbsent(place, writer);
                  if (other != null && !other.equals(writer)) {
                    findings.add(
                        Finding.error(
                            cluster.subject(),
                            "Its plugin %s writes to folder %s, as %s does."
                                .formatted(name, place, other),
                            "Give each a folder of its own with the parameter serverName."));
                  }
                });
      }
      if (cluster.at("spec", "backup", "barmanObjectStore").isObject()) {
        archivers.add("spec.backup.barmanObjectStore");
      }
      if (archivers.size() > 1) {
        findings.add(
            Finding.error(
                cluster.subject(),
                "It has more than one WAL archiver: %s.".formatted(String.join(", ", archivers)),
                "Keep one; the operator refuses the Cluster otherwise."));
      }
    }
    return findings;
  }
}
