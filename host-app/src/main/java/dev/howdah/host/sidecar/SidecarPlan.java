package dev.howdah.host.sidecar;

import dev.howdah.host.config.SidecarSettings;
import dev.howdah.host.config.SidecarSettings.CarriedPlugin;
import dev.howdah.host.config.SidecarSettings.ImagePullPolicy;
import dev.howdah.host.config.SidecarSettings.LogLevel;
import dev.howdah.host.config.SidecarSettings.Resources;
import dev.howdah.host.config.SidecarSettings.Revision;
import dev.howdah.host.config.SidecarSettings.Rollout;
import dev.howdah.host.config.SidecarSettings.Variable;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.cluster.PluginEntry;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the sidecar of one Cluster is to be. Made from the Cluster and the shared settings alone.
 *
 * <p>Several plugins live in one process. Where they want different things, the greatest of each
 * resource and the most detailed log level hold, the revision's own included; a limit below the
 * request that came of it is raised to it, since such a Pod would be refused.
 *
 * @param image the image
 * @param pullPolicy when it is pulled
 * @param template number of the shape
 * @param logLevel how much is logged
 * @param requests what it asks for, by resource
 * @param limits what it may use, by resource
 * @param env more of its environment
 * @param dropIns images with drop-in plugins
 * @param plugins the carried plugins that the Cluster enables, sorted by name
 */
record SidecarPlan(
    String image,
    Optional<ImagePullPolicy> pullPolicy,
    int template,
    LogLevel logLevel,
    SortedMap<String, Quantity> requests,
    SortedMap<String, Quantity> limits,
    List<Variable> env,
    List<String> dropIns,
    List<CarriedPlugin> plugins) {

  private static final Resources DEFAULT_RESOURCES =
      new Resources(Map.of("cpu", "50m", "memory", "128Mi"), Map.of("memory", "256Mi"));

  /**
   * Makes the plan.
   *
   * @param settings the shared settings
   * @param cluster the Cluster
   * @param bundled what a revision carries that doesn't say so
   * @return empty if the Cluster enables no carried plugin
   */
  static Optional<SidecarPlan> of(
      SidecarSettings settings, Cluster cluster, List<CarriedPlugin> bundled) {
    Revision revision = revision(settings, cluster);
    Set<String> enabled = enabledPlugins(cluster);
    List<CarriedPlugin> plugins =
        carried(revision, bundled).stream()
            .filter(plugin -> enabled.contains(plugin.name()))
            .sorted(Comparator.comparing(CarriedPlugin::name))
            .toList();
    if (plugins.isEmpty()) {
      return Optional.empty();
    }
    LogLevel level = revision.logLevel();
    Resources own = Optional.ofNullable(revision.resources()).orElse(DEFAULT_RESOURCES);
    SortedMap<String, Quantity> requests = quantities(own.requests());
    SortedMap<String, Quantity> limits = quantities(own.limits());
    for (CarriedPlugin plugin : plugins) {
      level = moreDetailed(level, plugin.logLevel());
      Resources wanted = plugin.resources();
      if (wanted != null) {
        raise(requests, quantities(wanted.requests()));
        raise(limits, quantities(wanted.limits()));
      }
    }
    requests.forEach(
        (resource, quantity) ->
            limits.computeIfPresent(resource, (key, limit) -> greater(limit, quantity)));
    return Optional.of(
        new SidecarPlan(
            revision.image(),
            Optional.ofNullable(revision.imagePullPolicy()),
            revision.template(),
            level,
            requests,
            limits,
            revision.env(),
            revision.dropIns(),
            plugins));
  }

  /** The revision that a Cluster has. */
  static Revision revision(SidecarSettings settings, Cluster cluster) {
    Map<String, String> labels = cluster.labels();
    int number =
        settings.rollout().stream()
            .filter(entry -> LabelSelector.parse(entry.selector()).selects(labels))
            .findFirst()
            .map(Rollout::revision)
            .orElse(settings.revision());
    Revision revision = settings.revisions().get(number);
    if (revision == null) {
      throw new IllegalStateException("A revision went unchecked.");
    }
    return revision;
  }

  /** The plugins that a revision carries. */
  static List<CarriedPlugin> carried(Revision revision, List<CarriedPlugin> bundled) {
    return Optional.ofNullable(revision.plugins()).orElse(bundled);
  }

  /** Every plugin that a Cluster loads, for itself or for an external cluster; by name. */
  static Set<String> enabledPlugins(Cluster cluster) {
    Set<String> names = new TreeSet<>();
    cluster.plugins().stream()
        .filter(PluginEntry::enabled)
        .map(PluginEntry::name)
        .forEach(names::add);
    cluster.externalClusters().stream()
        .flatMap(external -> external.plugin().stream())
        .filter(PluginEntry::enabled)
        .map(PluginEntry::name)
        .forEach(names::add);
    return names;
  }

  private static LogLevel moreDetailed(LogLevel level, @Nullable LogLevel other) {
    return other != null && other.compareTo(level) > 0 ? other : level;
  }

  private static SortedMap<String, Quantity> quantities(Map<String, String> texts) {
    SortedMap<String, Quantity> quantities = new TreeMap<>();
    texts.forEach((resource, text) -> quantities.put(resource, Quantity.parse(text)));
    return quantities;
  }

  private static void raise(
      SortedMap<String, Quantity> quantities, SortedMap<String, Quantity> wanted) {
    wanted.forEach(
        (resource, quantity) -> quantities.merge(resource, quantity, SidecarPlan::greater));
  }

  /** The greater one; of two that are equal the first, so that its spelling stays. */
  private static Quantity greater(Quantity first, Quantity second) {
    return second.getNumericalAmount().compareTo(first.getNumericalAmount()) > 0 ? second : first;
  }
}
