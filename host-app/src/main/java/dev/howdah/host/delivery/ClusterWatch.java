package dev.howdah.host.delivery;

import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.kubernetes.ClusterPages;
import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.host.kubernetes.LeaderWork;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.cluster.PluginEntry;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The leader's round over all Clusters: ends what only the clock ends, such as a verbose window of
 * a Cluster in which nothing else happens, gives back what no plugin wants any more, and measures.
 */
final class ClusterWatch implements LeaderWork {

  /** Beyond, the rest is summed up: a metric's series must not grow with somebody's fleet. */
  static final int MOST_SERIES = 500;

  private static final Duration PRUNE_EVERY = Duration.ofHours(1);
  private static final String AUDIT = "audit";

  private final KubernetesApi api;
  private final Deliveries deliveries;
  private final PluginCatalog catalog;
  private final Optional<AuditTrail> trail;
  private final Clock clock;
  private final Duration interval;
  private final MultiGauge drift;
  private volatile double clusters = Double.NaN;
  private volatile double unaudited = Double.NaN;
  private Instant pruned;

  ClusterWatch(
      KubernetesApi api,
      Deliveries deliveries,
      PluginCatalog catalog,
      Optional<AuditTrail> trail,
      Clock clock,
      Duration interval,
      MeterRegistry meters) {
    this.api = api;
    this.deliveries = deliveries;
    this.catalog = catalog;
    this.trail = trail;
    this.clock = clock;
    this.interval = interval;
    this.pruned = clock.instant();
    this.drift =
        MultiGauge.builder("howdah.configuration.drift")
            .description("Parameters that plugins want and the Cluster's spec doesn't have")
            .register(meters);
    Gauge.builder("howdah.clusters", this, it -> it.clusters)
        .description("Clusters that there are; only the leader knows")
        .register(meters);
    Gauge.builder("howdah.clusters.unaudited", this, it -> it.unaudited)
        .description("Clusters whose objects and backups no audit trail records")
        .register(meters);
  }

  @Override
  public String name() {
    return "clusters";
  }

  @Override
  public Duration interval() {
    return interval;
  }

  @Override
  public boolean wanted() {
    return deliveries.active();
  }

  @Override
  public void run() throws InterruptedException {
    KubernetesClient client = api.client().orElseThrow();
    Set<String> uids = new HashSet<>();
    SortedMap<String, Integer> drifting = new TreeMap<>();
    int withoutAudit = 0;
    String next = "";
    do {
      ClusterPages.Page page = ClusterPages.list(client, next);
      for (Cluster cluster : page.clusters()) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        uids.add(cluster.uid());
        withoutAudit += audited(cluster) ? 0 : 1;
        deliveries
            .deliver(cluster)
            .ifPresent(report -> drifting.put(cluster.qualifiedName(), report.drift().size()));
      }
      next = page.next();
    } while (!next.isEmpty());
    clusters = uids.size();
    unaudited = withoutAudit;
    drift.register(rows(drifting), true);
    prune(uids);
  }

  /** The host knows the plugin for auditing by its id only; without a trail it records nothing. */
  private boolean audited(Cluster cluster) {
    return trail.isPresent()
        && catalog
            .byId(AUDIT)
            .filter(plugin -> plugin.serving().isPresent())
            .map(PluginHandle::name)
            .filter(
                name ->
                    cluster.plugins().stream()
                        .filter(PluginEntry::enabled)
                        .anyMatch(entry -> entry.name().equals(name)))
            .isPresent();
  }

  private static List<MultiGauge.Row<?>> rows(SortedMap<String, Integer> drifting) {
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    int others = 0;
    for (var one : drifting.entrySet()) {
      if (rows.size() < MOST_SERIES) {
        String[] name = one.getKey().split("/", 2);
        rows.add(
            MultiGauge.Row.of(
                Tags.of("namespace", name[0], "cluster", name[name.length - 1]), one.getValue()));
      } else {
        others += one.getValue();
      }
    }
    if (drifting.size() > MOST_SERIES) {
      rows.add(MultiGauge.Row.of(Tags.of("namespace", "", "cluster", "others"), others));
    }
    return rows;
  }

  @Override
  public void ended() {
    clusters = Double.NaN;
    unaudited = Double.NaN;
    drift.register(List.of(), true);
  }

  private void prune(Set<String> uids) {
    Instant now = clock.instant();
    if (pruned.plus(PRUNE_EVERY).isBefore(now)) {
      pruned = now;
      deliveries.prune(uids);
    }
  }
}
