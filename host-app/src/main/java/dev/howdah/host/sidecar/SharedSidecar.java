package dev.howdah.host.sidecar;

import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginDescriptor;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginSource;
import dev.howdah.host.config.SidecarSettings;
import dev.howdah.host.config.SidecarSettings.CarriedPlugin;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.registry.RegisteredHooks;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts the one shared sidecar into the Pods and Jobs of a Cluster. Whichever hosted plugin the
 * operator asks first gets the whole sidecar in; for the others it is there already. Thread-safe.
 */
public final class SharedSidecar {

  private static final String POSTGRES = "postgres";
  private static final String PLUGINS = "plugins.";
  private static final String JOB_ROLE = "cnpg.io/jobRole";

  /** In these Jobs nothing calls a plugin. */
  private static final Set<String> WITHOUT_PLUGINS = Set.of("join", "pgbasebackup");

  private final SidecarSource source;
  private final PluginCatalog catalog;

  SharedSidecar(SidecarSource source, PluginCatalog catalog) {
    this.source = source;
    this.catalog = catalog;
  }

  /**
   * Whether the sidecar's image carries a plugin in some revision. What isn't carried is offered
   * without what it does inside the instance, since nobody would be there to do it.
   *
   * @return true, too, if that can't be known now
   */
  public boolean carries(PluginDescriptor plugin) {
    try {
      return source.settings().stream()
          .flatMap(settings -> settings.revisions().values().stream())
          .anyMatch(
              revision ->
                  revision.plugins() == null
                      ? isBundled(plugin)
                      : revision.plugins().stream()
                          .anyMatch(carried -> carried.name().equals(plugin.name())));
    } catch (PluginException unknown) {
      return true;
    }
  }

  /**
   * Adds the sidecar to an object that the operator is about to make.
   *
   * @param cluster the Cluster it is for
   * @param object a Pod or a Job; it may be changed. Anything else stays as it is.
   * @return whether it was changed
   * @throws PluginException of kind {@code UNAVAILABLE} if it can't be known now what the sidecar
   *     has to look like
   */
  public boolean addTo(Cluster cluster, HasMetadata object) {
    Optional<Place> place = place(object);
    if (place.isEmpty() || SidecarTemplate.present(place.get().spec())) {
      return false;
    }
    Optional<SidecarPlan> plan = plan(cluster);
    if (plan.isEmpty() || !place.get().needs(plan.get().plugins(), this::hooks)) {
      return false;
    }
    if (plan.get().template() != SidecarTemplate.NUMBER) {
      throw new PluginException(
          PluginException.Kind.UNAVAILABLE,
          "the sidecar's settings ask for template %d, which this version of the host doesn't know;"
                  .formatted(plan.get().template())
              + " wait for the upgrade to end, or set a template that all replicas know");
    }
    new SidecarTemplate(plan.get(), cluster.name()).addTo(place.get().spec(), place.get().main());
    return true;
  }

  /**
   * Whether there are settings of a sidecar at all.
   *
   * @throws PluginException of kind {@code UNAVAILABLE} if that can't be known now
   */
  boolean configured() {
    return source.settings().isPresent();
  }

  /** What the sidecar of a Cluster is to be; empty if it has none. */
  Optional<SidecarPlan> plan(Cluster cluster) {
    return source
        .settings()
        .flatMap(settings -> SidecarPlan.of(settings, cluster, bundled(settings, cluster)));
  }

  /**
   * The settings for the plugins in the sidecar of one Cluster: everything that isn't about a
   * plugin which isn't in it.
   */
  SortedMap<String, String> settingsInside(SidecarPlan plan) {
    SortedMap<String, String> inside = new TreeMap<>();
    for (SidecarSettings settings : source.settings().stream().toList()) {
      settings
          .settings()
          .forEach(
              (key, value) -> {
                if (!key.startsWith(PLUGINS)
                    || plan.plugins().stream()
                        .anyMatch(plugin -> key.startsWith(PLUGINS + plugin.id() + "."))) {
                  inside.put(key, value);
                }
              });
    }
    return inside;
  }

  /**
   * What the image carries if the settings don't say so: the host's own bundled plugins that do
   * something inside the instance.
   */
  private List<CarriedPlugin> bundled(SidecarSettings settings, Cluster cluster) {
    if (SidecarPlan.revision(settings, cluster).plugins() != null) {
      return List.of();
    }
    Set<String> enabled = SidecarPlan.enabledPlugins(cluster);
    List<CarriedPlugin> carried = new ArrayList<>();
    for (PluginHandle handle : catalog.all()) {
      if (!isBundled(handle.descriptor()) || !enabled.contains(handle.name())) {
        continue;
      }
      RegisteredHooks hooks =
          handle.serving().map(HostedPlugin::hooks).orElseThrow(() -> unknown(handle));
      if (hooks.instanceSide()) {
        int enrich = hooks.enrichment().isEmpty() ? 0 : hooks.enrichment().lastKey();
        carried.add(new CarriedPlugin(handle.name(), handle.id(), enrich, null, null));
      }
    }
    return carried;
  }

  /** Without this plugin the sidecar would be another one. */
  private static PluginException unknown(PluginHandle handle) {
    return new PluginException(
        PluginException.Kind.UNAVAILABLE,
        "whether '%s' belongs into the sidecar isn't known, since it doesn't serve here; mend it, or"
                .formatted(handle.name())
            + " list the plugins of the image in the sidecar's settings");
  }

  private static boolean isBundled(PluginDescriptor plugin) {
    return plugin.source().door() != PluginSource.Door.DROP_IN;
  }

  private Optional<RegisteredHooks> hooks(CarriedPlugin plugin) {
    return catalog.find(plugin.name()).flatMap(PluginHandle::serving).map(HostedPlugin::hooks);
  }

  private static Optional<Place> place(HasMetadata object) {
    return switch (object) {
      case Pod pod -> place(pod.getSpec(), "", POSTGRES);
      case Job job -> {
        if (job.getSpec() == null || job.getSpec().getTemplate() == null) {
          yield Optional.empty();
        }
        String role = role(job);
        yield place(job.getSpec().getTemplate().getSpec(), role, role);
      }
      default -> Optional.empty();
    };
  }

  /** A container of the wanted name has to be there, else it is no Pod of an instance. */
  private static Optional<Place> place(@Nullable PodSpec spec, String role, String main) {
    return spec != null && spec.getContainers().stream().anyMatch(it -> it.getName().equals(main))
        ? Optional.of(new Place(spec, role, main))
        : Optional.empty();
  }

  private static String role(Job job) {
    var labels = job.getMetadata().getLabels();
    return labels == null ? "" : labels.getOrDefault(JOB_ROLE, "");
  }

  /** Where the sidecar goes; the role is empty for instances. */
  private record Place(PodSpec spec, String role, String main) {

    /** A Job gets the sidecar only if something in it calls one of the plugins. */
    boolean needs(
        List<CarriedPlugin> plugins, Function<CarriedPlugin, Optional<RegisteredHooks>> hooks) {
      if (role.isEmpty()) {
        return true;
      }
      if (WITHOUT_PLUGINS.contains(role)) {
        return false;
      }
      return plugins.stream()
          .anyMatch(
              plugin -> plugin.enrich() > 0 || hooks.apply(plugin).map(this::calls).orElse(true));
    }

    private boolean calls(RegisteredHooks hooks) {
      boolean enriches = !hooks.enrichment().isEmpty();
      return switch (role) {
        case "initdb", "import", "major-upgrade" -> enriches;
        case "snapshot-recovery" -> enriches || hooks.restoreWal().isPresent();
        case "full-recovery" ->
            enriches || hooks.restoreWal().isPresent() || hooks.restore().isPresent();
        default -> true;
      };
    }
  }
}
