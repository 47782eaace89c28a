package dev.howdah.host.sidecar;

import dev.howdah.host.config.SidecarSettings.CarriedPlugin;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * When a revision of an enrichment can become active in a Cluster: once the sidecar of every
 * instance Pod has it, and the sidecar that the next Pod will get, too. A sidecar has the newest
 * revision that it names and the one before, so that Pods can be rolled one after the other.
 */
final class EnrichmentRollout {

  private EnrichmentRollout() {}

  /**
   * What can be active.
   *
   * @param plan the sidecar that the next Pod will get; empty if none
   * @param pods all instance Pods of the Cluster, those that are going included
   * @return revisions by plugin id
   */
  static SortedMap<String, Integer> entries(Optional<SidecarPlan> plan, Collection<Pod> pods) {
    SortedMap<String, Integer> entries = new TreeMap<>();
    List<SortedMap<String, Integer>> sidecars =
        pods.stream().map(EnrichmentRollout::newestInside).toList();
    for (CarriedPlugin plugin : plan.map(SidecarPlan::plugins).orElse(List.of())) {
      Set<Integer> common = revisions(plugin.enrich());
      for (SortedMap<String, Integer> sidecar : sidecars) {
        common.retainAll(revisions(sidecar.getOrDefault(plugin.id(), 0)));
      }
      OptionalInt newest = common.stream().mapToInt(Integer::intValue).max();
      newest.ifPresent(revision -> entries.put(plugin.id(), revision));
    }
    return entries;
  }

  private static Set<Integer> revisions(int newest) {
    Set<Integer> revisions = new TreeSet<>();
    for (int revision = Math.max(1, newest - 1); revision <= newest; revision++) {
      revisions.add(revision);
    }
    return revisions;
  }

  /** What a Pod's sidecar says of itself; nothing if it has none. */
  private static SortedMap<String, Integer> newestInside(Pod pod) {
    return SidecarTemplate.find(pod.getSpec()).stream()
        .map(Container::getEnv)
        .flatMap(List::stream)
        .filter(variable -> variable.getName().equals(SidecarTemplate.ENRICHMENTS))
        .map(EnvVar::getValue)
        .filter(value -> value != null)
        .findFirst()
        .map(EnrichmentActivation::parse)
        .orElseGet(TreeMap::new);
  }
}
