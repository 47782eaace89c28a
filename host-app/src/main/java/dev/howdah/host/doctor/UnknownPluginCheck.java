package dev.howdah.host.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Finds Clusters, and the operator's own {@code INCLUDE_PLUGINS}, that name plugins nobody serves;
 * and explains what the operator wrote into Clusters that stopped because of plugins.
 */
final class UnknownPluginCheck implements Check {

  private static final String INCLUDE = "INCLUDE_PLUGINS";

  @Override
  public List<Finding> examine(ClusterObjects objects) {
    List<Finding> findings = new ArrayList<>();
    Set<String> served =
        objects.plugins().stream()
            .map(PluginService::plugin)
            .collect(Collectors.toCollection(TreeSet::new));
    for (KubernetesObject cluster : objects.clusters()) {
      unknown(cluster, served, objects, findings);
      twice(cluster, findings);
      phase(cluster, findings);
    }
    included(objects, served, findings);
    return findings;
  }

  private static void unknown(
      KubernetesObject cluster,
      Set<String> served,
      ClusterObjects objects,
      List<Finding> findings) {
    if (!objects.knows("Service")) {
      return;
    }
    for (String name : ClusterPlugins.loaded(cluster)) {
      if (!served.contains(name)) {
        findings.add(
            Finding.error(
                cluster.subject(),
                "It names the plugin %s, which no Service in %s serves."
                    .formatted(name, objects.operatorNamespace()),
                served.isEmpty()
                    ? "No plugin is served there; install Howdah into that namespace."
                    : "Served are: %s. Enable it in the chart's plugins, or correct the name."
                        .formatted(String.join(", ", served))));
      }
    }
  }

  private static void twice(KubernetesObject cluster, List<Finding> findings) {
    Set<String> seen = new HashSet<>();
    for (JsonNode plugin : cluster.list("spec", "plugins")) {
      String name = plugin.path("name").asString("");
      if (!seen.add(name)) {
        findings.add(
            Finding.warning(
                cluster.subject(),
                "It has two entries for the plugin %s; the last one's parameters count."
                    .formatted(name),
                "Keep one of them."));
      }
    }
  }

  private static void phase(KubernetesObject cluster, List<Finding> findings) {
    String phase = cluster.text("status", "phase");
    String reason = cluster.text("status", "phaseReason");
    if (phase.contains("unknown plugin")) {
      findings.add(
          Finding.error(
              cluster.subject(),
              "The operator doesn't know a plugin: " + reason,
              "The Service must be in the operator's namespace, with label and annotations, and its"
                  + " Secrets must hold certificates; what else this doctor finds says which."));
    } else if (phase.contains("interacting with plugins")) {
      findings.add(
          Finding.error(
              cluster.subject(),
              "A plugin failed: " + reason,
              "If the reason is about TLS or connections, look at Services and certificates; else"
                  + " the host's log has the whole story."));
    }
  }

  private static void included(ClusterObjects objects, Set<String> served, List<Finding> findings) {
    if (!objects.knows("Service")) {
      return;
    }
    for (KubernetesObject operator : Operators.in(objects)) {
      for (JsonNode container : operator.list("spec", "template", "spec", "containers")) {
        for (JsonNode variable : container.path("env")) {
          if (variable.path("name").asString("").equals(INCLUDE)) {
            included(operator, variable.path("value").asString(""), served, findings);
          }
        }
      }
    }
    for (KubernetesObject config : objects.of("ConfigMap")) {
      if (config.namespace().equals(objects.operatorNamespace())) {
        included(config, config.text("data", INCLUDE), served, findings);
      }
    }
  }

  private static void included(
      KubernetesObject where, String value, Set<String> served, List<Finding> findings) {
    Arrays.stream(value.split(","))
        .map(String::strip)
        .filter(name -> !name.isEmpty() && !served.contains(name))
        .forEach(
            name ->
                findings.add(
                    Finding.error(
                        where.subject(),
                        "%s adds the plugin %s to every Cluster, but nobody serves it."
                            .formatted(INCLUDE, name),
                        "Serve it, or take it out; Clusters that already have it keep it in"
                            + " spec.plugins.")));
  }
}
