package dev.howdah.host.doctor;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Finds instance Pods without the shared sidecar although an enabled plugin needs it, and Clusters
 * whose Pods have sidecars of different images.
 */
final class SidecarCheck implements Check {

  /** The name that the host gives it. */
  private static final String CONTAINER = "howdah";

  private static final String NEEDS_SIDECAR = "TYPE_INSTANCE_SIDECAR_INJECTION";

  @Override
  public List<Finding> examine(ClusterObjects objects) {
    List<Finding> findings = new ArrayList<>();
    if (!objects.knows("Pod")) {
      return findings;
    }
    List<String> hosted =
        objects.plugins().stream()
            .filter(PluginService::hosted)
            .map(PluginService::plugin)
            .toList();
    for (KubernetesObject cluster : objects.clusters()) {
      List<String> needing =
          ClusterPlugins.names(cluster).stream()
              .filter(hosted::contains)
              .filter(plugin -> ClusterPlugins.declares(cluster, plugin, NEEDS_SIDECAR))
              .toList();
      if (!needing.isEmpty()) {
        examine(cluster, needing, objects.instances(cluster), findings);
      }
    }
    return findings;
  }

  private static void examine(
      KubernetesObject cluster,
      List<String> needing,
      List<KubernetesObject> pods,
      List<Finding> findings) {
    TreeSet<String> images = new TreeSet<>();
    for (KubernetesObject pod : pods) {
      String image = image(pod);
      if (image.isEmpty()) {
        findings.add(
            Finding.error(
                pod.subject(),
                "It has no container %s, which %s need inside the instance."
                    .formatted(CONTAINER, String.join(", ", needing)),
                "The operator adds it when it next makes the Pod. If it doesn't roll the Cluster by"
                    + " itself: `kubectl cnpg restart %s -n %s`."
                        .formatted(cluster.name(), cluster.namespace())));
      } else {
        images.add(image);
      }
    }
    if (images.size() > 1) {
      findings.add(
          Finding.warning(
              cluster.subject(),
              "Its Pods have sidecars of different images: %s."
                  .formatted(String.join(", ", images)),
              "Fine during a rollout. If it lasts: `kubectl cnpg restart %s -n %s`."
                  .formatted(cluster.name(), cluster.namespace())));
    }
  }

  private static String image(KubernetesObject pod) {
    for (String field : List.of("initContainers", "containers")) {
      for (JsonNode container : pod.list("spec", field)) {
        if (container.path("name").asString("").equals(CONTAINER)) {
          return container.path("image").asString("unnamed");
        }
      }
    }
    return "";
  }
}
