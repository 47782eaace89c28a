package dev.howdah.host.actuate;

import dev.howdah.host.catalog.CallError;
import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import dev.howdah.host.catalog.Problem;
import dev.howdah.host.service.StatusMemory;
import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.LifecycleCapability;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.stereotype.Component;

/** {@code /actuator/plugins}: every plugin, how it does, and why if it doesn't. */
@Component
@Endpoint(id = "plugins")
public class PluginsEndpoint {

  private final PluginCatalog catalog;
  private final StatusMemory statuses;

  PluginsEndpoint(PluginCatalog catalog, StatusMemory statuses) {
    this.catalog = catalog;
    this.statuses = statuses;
  }

  /**
   * One plugin.
   *
   * @param id its id
   * @param name its name; empty if not known
   * @param version its version; empty if not known
   * @param source where it came from
   * @param state where it is in its life
   * @param since since when
   * @param required whether the health group {@code plugins} depends on it
   * @param problem why it doesn't serve, if it was rejected or failed
   * @param notReady why it says that it can't work now, if it does
   * @param addresses names by which calls may ask for it
   * @param capabilities what it declares, once started
   * @param load what it uses, once started
   * @param lastError its last call that failed
   * @param withheldStatuses statuses that the operator would not keep, by Cluster
   */
  public record PluginView(
      String id,
      String name,
      String version,
      String source,
      PluginState state,
      Instant since,
      boolean required,
      @Nullable Problem problem,
      @Nullable String notReady,
      List<String> addresses,
      @Nullable CapabilitiesView capabilities,
      @Nullable Load load,
      @Nullable CallError lastError,
      Map<String, Object> withheldStatuses) {}

  /** What a plugin declares. */
  public record CapabilitiesView(
      List<String> services,
      List<String> operator,
      List<String> lifecycle,
      List<String> wal,
      List<String> reconciler) {

    static CapabilitiesView of(Capabilities capabilities) {
      return new CapabilitiesView(
          names(capabilities.services()),
          names(capabilities.operator()),
          capabilities.lifecycle().stream().map(CapabilitiesView::kind).toList(),
          names(capabilities.wal()),
          names(capabilities.reconciler()));
    }

    private static String kind(LifecycleCapability capability) {
      String kind =
          capability.group().isEmpty()
              ? capability.kind()
              : capability.kind() + "." + capability.group();
      return kind + ": " + String.join(", ", names(capability.operations()));
    }

    private static List<String> names(Collection<? extends Enum<?>> values) {
      return values.stream().map(Enum::name).toList();
    }
  }

  /**
   * What a plugin uses.
   *
   * @param inFlight hooks that run
   * @param waiting hooks that wait for a thread
   * @param stuck hooks that go on although nobody waits for them
   */
  public record Load(int inFlight, int waiting, int stuck) {}

  /** Every plugin, rejected ones too. */
  @ReadOperation
  public Map<String, List<PluginView>> plugins() {
    return Map.of("plugins", catalog.all().stream().map(this::view).toList());
  }

  /** One plugin; not found if there is none. */
  @ReadOperation
  public @Nullable PluginView plugin(@Selector String id) {
    return catalog
        .byId(id)
        .or(
            () ->
                catalog.all().stream()
                    .filter(plugin -> plugin.id().equals(id) || plugin.name().equals(id))
                    .findFirst())
        .map(this::view)
        .orElse(null);
  }

  private PluginView view(PluginHandle handle) {
    return new PluginView(
        handle.id(),
        handle.name(),
        handle.descriptor().version(),
        handle.descriptor().source().toString(),
        handle.state(),
        handle.since(),
        handle.descriptor().settings().required(),
        handle.problem().orElse(null),
        handle.notReady().orElse(null),
        handle.name().isEmpty() ? List.of() : handle.descriptor().addresses(),
        handle.hosted().map(HostedPlugin::capabilities).map(CapabilitiesView::of).orElse(null),
        handle
            .hosted()
            .map(HostedPlugin::threads)
            .map(it -> new Load(it.running(), it.waiting(), it.stuck()))
            .orElse(null),
        handle.lastError().orElse(null),
        statuses.withheld(handle.name()));
  }
}
