package dev.howdah.host.doctor;

import java.util.ArrayList;
import java.util.List;

/**
 * Finds plugins served elsewhere that may erase what Howdah's enrich: the operator doesn't chain
 * EnrichConfiguration, the last answer in alphabetical order replaces all others.
 */
final class EnricherCheck implements Check {

  private static final String ACTIVE = "howdah.dev/enrich";
  private static final String INSIDE = "TYPE_INSTANCE_SIDECAR_INJECTION";

  @Override
  public List<Finding> examine(ClusterObjects objects) {
    List<Finding> findings = new ArrayList<>();
    List<String> hosted =
        objects.plugins().stream()
            .filter(PluginService::hosted)
            .map(PluginService::plugin)
            .toList();
    for (KubernetesObject cluster : objects.clusters()) {
      if (cluster.annotation(ACTIVE).filter(it -> !it.isBlank()).isEmpty()) {
        continue;
      }
      List<String> enabled = ClusterPlugins.names(cluster).stream().sorted().toList();
      String last = enabled.stream().filter(hosted::contains).reduce((a, b) -> b).orElse("");
      for (String plugin : enabled) {
        if (!last.isEmpty()
            && !hosted.contains(plugin)
            && plugin.compareTo(last) > 0
            && ClusterPlugins.declares(cluster, plugin, INSIDE)) {
          findings.add(
              Finding.warning(
                  cluster.subject(),
                  ("The plugin %s is served elsewhere and sorts after %s. If it enriches the"
                          + " configuration, its answer replaces all of Howdah's.")
                      .formatted(plugin, last),
                  "Ask its authors whether it has EnrichConfiguration; if so, only one of them can"
                      + " be enabled."));
        }
      }
    }
    return findings;
  }
}
