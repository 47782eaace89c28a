package dev.howdah.host.admission;

import dev.howdah.plugin.cluster.Cluster;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Counts the Clusters that don't enable the audit plugin, of those that were reviewed since the
 * start: their changes are recorded, what the operator does for them isn't. Thread-safe.
 */
final class UnauditedClusters {

  private static final String PLUGIN = "audit.howdah.dev";
  private static final int REMEMBERED = 10_000;

  /** Whether a Cluster is audited, by its name; guarded by itself. */
  private final Map<String, Boolean> audited =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
          return size() > REMEMBERED;
        }
      };

  UnauditedClusters(MeterRegistry meters) {
    Gauge.builder("howdah.admission.clusters.unaudited", this, UnauditedClusters::count)
        .description("Reviewed Clusters that don't enable the audit plugin")
        .strongReference(true)
        .register(meters);
  }

  /** Takes note of a Cluster as it will be. */
  void admitted(Cluster cluster) {
    boolean enabled =
        cluster.plugins().stream()
            .anyMatch(entry -> entry.enabled() && entry.name().equals(PLUGIN));
    synchronized (audited) {
      audited.put(cluster.qualifiedName(), enabled);
    }
  }

  /** Takes note of a Cluster's end. */
  void deleted(String namespace, String name) {
    synchronized (audited) {
      audited.remove(namespace + "/" + name);
    }
  }

  private double count() {
    synchronized (audited) {
      return audited.values().stream().filter(enabled -> !enabled).count();
    }
  }
}
