package dev.howdah.host.actuate;

import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import dev.howdah.host.catalog.Problem;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.stereotype.Component;

/**
 * The health of plugins. Down only if one that is {@code required} can't work: the others answer
 * for themselves, and the Pod's readiness never depends on any, since an unready Pod takes all
 * plugins' Services away.
 */
@Component("pluginStates")
class PluginsHealth implements HealthIndicator {

  private final PluginCatalog catalog;

  PluginsHealth(PluginCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public Health health() {
    Map<String, Object> details = new LinkedHashMap<>();
    boolean up = true;
    for (PluginHandle plugin : catalog.all()) {
      boolean works = plugin.serving().isPresent() && plugin.notReady().isEmpty();
      boolean twin = isTwin(plugin);
      up &= works || twin || !plugin.descriptor().settings().required();
      details.put(
          twin ? plugin.id() + " from " + plugin.descriptor().source() : plugin.id(),
          detail(plugin));
    }
    return (up ? Health.up() : Health.down()).withDetails(details).build();
  }

  /** Whether it was rejected for an id that is another plugin's: the settings are that one's. */
  private boolean isTwin(PluginHandle plugin) {
    return plugin.state() == PluginState.REJECTED && catalog.byId(plugin.id()).isPresent();
  }

  private static String detail(PluginHandle plugin) {
    String why =
        plugin.problem().map(Problem::toString).or(plugin::notReady).map(": "::concat).orElse("");
    return plugin.state() + why;
  }
}
