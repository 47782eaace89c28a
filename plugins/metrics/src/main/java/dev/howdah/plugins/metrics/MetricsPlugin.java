package dev.howdah.plugins.metrics;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Maturity;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Adds to the instance's exporter what PostgreSQL knows of itself beyond the metrics of
 * CloudNativePG, metrics by SQL of the user's own, and how the sidecar itself does. A thread of the
 * plugin's own collects; a scrape is answered from memory. Collecting begins with the first scrape
 * and ends when there have been none for a while.
 */
public final class MetricsPlugin implements Plugin {

  /** The plugin's name, as in its manifest. */
  static final String NAME = "metrics.howdah.dev";

  private static final Logger log = LoggerFactory.getLogger(MetricsPlugin.class);
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final long IDLE_NANOS = Duration.ofMinutes(10).toNanos();

  /** An instance has one Cluster; more are only asked about by tests and tools. */
  private static final int MOST_CLUSTERS = 8;

  /** Roles that the operator lets in over the socket by itself. */
  private static final Set<String> KNOWN_TO_OPERATOR = Set.of("postgres", "cnpg_metrics_exporter");

  private final SidecarMetrics sidecar;
  private final Map<String, Watched> clusters = new ConcurrentHashMap<>();
  private volatile @Nullable ScheduledExecutorService thread;

  private record Watched(Collector collector, long scrapedNanos) {

    boolean isIdle(long now) {
      return now - scrapedNanos > IDLE_NANOS;
    }
  }

  /**
   * Made by the host.
   *
   * @param meters the host's own, some of which are exported as well
   */
  public MetricsPlugin(MeterRegistry meters) {
    sidecar = new SidecarMetrics(meters);
  }

  @Override
  public PluginMetadata metadata() {
    return PluginMetadata.of(MetricsPlugin.class)
        .displayName("Howdah Metrics")
        .description(
            "Adds to the instance's exporter what PostgreSQL knows of itself beyond the metrics of"
                + " CloudNativePG, and metrics by SQL.")
        .maturity(Maturity.ALPHA)
        .vendor("Howdah")
        .build();
  }

  @Override
  public void register(Hooks hooks) {
    hooks.parameters(MetricsParameters.class);
    hooks.validateCreate(this::validate);
    hooks.validateChange((before, context) -> validate(context));
    hooks.metrics(this::define, this::collect);
  }

  @Override
  public void start() {
    ScheduledExecutorService executor =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("metrics-collector").factory());
    executor.scheduleWithFixedDelay(
        this::tick, TICK.toMillis(), TICK.toMillis(), TimeUnit.MILLISECONDS);
    thread = executor;
  }

  @Override
  public void stop() throws InterruptedException {
    ScheduledExecutorService ending = thread;
    thread = null;
    clusters.clear();
    if (ending != null) {
      // The interrupt closes the socket that a statement waits on.
      ending.shutdownNow();
      ending.awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  private void tick() {
    long now = System.nanoTime();
    clusters.values().removeIf(watched -> watched.isIdle(now));
    for (Watched watched : clusters.values()) {
      try {
        watched.collector().collectDue();
      } catch (RuntimeException e) {
        // Thrown on, it would end the schedule for good.
        log.atError().setCause(e).log("Collecting failed");
      }
    }
  }

  private List<MetricDefinition> define(HookContext context) {
    if (context.own().isEmpty()) {
      return List.of();
    }
    CollectionPlan plan = collector(context).plan();
    return plan.parameters().sidecar()
        ? both(plan.definitions(), SidecarMetrics.DEFINITIONS)
        : plan.definitions();
  }

  private List<MetricSample> collect(HookContext context) {
    if (context.own().isEmpty()) {
      return List.of();
    }
    Collector collector = collector(context);
    return collector.plan().parameters().sidecar()
        ? both(collector.samples(), sidecar.samples())
        : collector.samples();
  }

  private static <T> List<T> both(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  private Collector collector(HookContext context) {
    MetricsParameters parameters = context.parameters(MetricsParameters.class);
    String cluster = context.cluster().qualifiedName();
    long now = System.nanoTime();
    if (clusters.size() > MOST_CLUSTERS) {
      clusters.entrySet().stream()
          .filter(other -> !other.getKey().equals(cluster))
          .min(Comparator.comparingLong(other -> other.getValue().scrapedNanos() - now))
          .ifPresent(longestAgo -> clusters.remove(longestAgo.getKey()));
    }
    return clusters
        .compute(
            cluster,
            (name, watched) ->
                watched != null && watched.collector().plan().parameters().equals(parameters)
                    ? new Watched(watched.collector(), now)
                    : new Watched(begin(name, parameters), now))
        .collector();
  }

  private Collector begin(String cluster, MetricsParameters parameters) {
    CollectionPlan plan = CollectionPlan.of(parameters);
    plan.problems()
        .forEach(
            problem ->
                log.atWarn()
                    .addKeyValue("cluster", cluster)
                    .addKeyValue("problem", "queries" + problem)
                    .log("A declared query is wrong and isn't collected"));
    Collector collector = new Collector(cluster, plan, System::nanoTime);
    ScheduledExecutorService executor = thread;
    if (executor != null) {
      executor.execute(this::tick);
    }
    return collector;
  }

  // --- validation

  private List<ValidationFinding> validate(HookContext context) {
    if (context.own().isEmpty()) {
      return List.of();
    }
    MetricsParameters parameters = context.parameters(MetricsParameters.class);
    List<ValidationFinding> findings = new ArrayList<>();
    for (String problem : CollectionPlan.of(parameters).problems()) {
      findings.add(
          ValidationFinding.error(path(context, "queries"), "", "queries" + spaced(problem)));
    }
    if (!parameters.statementLimit().equals(parameters.queryTimeout())) {
      findings.add(
          ValidationFinding.error(
              path(context, "queryTimeout"),
              parameters.queryTimeout().toString(),
              "queryTimeout must be between 100ms and 1m."));
    }
    if (!mapsTo(context.cluster(), parameters.role())) {
      findings.add(
          ValidationFinding.warning(
              path(context, "role"),
              parameters.role(),
              "spec.postgresql.pg_ident lets nobody in as '%s'; add \"local postgres %s\"."
                  .formatted(parameters.role(), parameters.role())));
    }
    return List.copyOf(findings);
  }

  private static String spaced(String problem) {
    return problem.startsWith("[") ? problem + "." : " " + problem + ".";
  }

  private static boolean mapsTo(Cluster cluster, String role) {
    if (KNOWN_TO_OPERATOR.contains(role)) {
      return true;
    }
    for (JsonNode line : cluster.at("spec", "postgresql", "pg_ident")) {
      String[] words = line.asString("").strip().split("\\s+");
      if (words.length == 3
          && words[0].equals("local")
          && words[2].replace("\"", "").equals(role)) {
        return true;
      }
    }
    return false;
  }

  private static List<String> path(HookContext context, String parameter) {
    List<String> path =
        new ArrayList<>(context.own().map(PluginUse.Own::path).orElse(List.of("spec", "plugins")));
    path.add("parameters");
    path.add(parameter);
    return path;
  }
}
