package dev.howdah.host.actuate;

import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import dev.howdah.host.catalog.PluginThreads;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/**
 * Metrics of each plugin: one series for its state, and what it uses. Their label is the plugin's
 * name, as everywhere else, so that one choice on a dashboard selects all that belongs to it.
 */
@Component
class PluginMetrics implements PluginHandle.Listener {

  private final ObjectProvider<MeterRegistry> registry;
  private final Set<PluginHandle> known = ConcurrentHashMap.newKeySet();

  PluginMetrics(ObjectProvider<MeterRegistry> registry) {
    this.registry = registry;
  }

  @Override
  public void changed(PluginHandle plugin, PluginState before) {
    if (!known.add(plugin)) {
      return;
    }
    MeterRegistry meters = registry.getObject();
    for (PluginState state : PluginState.values()) {
      Gauge.builder("howdah.plugin.state", plugin, it -> it.state() == state ? 1 : 0)
          .description("1 for the state that the plugin is in")
          .tag("plugin", label(plugin))
          .tag("state", state.name().toLowerCase(Locale.ROOT))
          .strongReference(true)
          .register(meters);
    }
    gauge(meters, plugin, "howdah.plugin.inflight", "Hooks that run", PluginThreads::running);
    gauge(
        meters,
        plugin,
        "howdah.plugin.waiting",
        "Hooks that wait for a thread",
        PluginThreads::waiting);
    gauge(
        meters,
        plugin,
        "howdah.plugin.stuck",
        "Hooks that go on although nobody waits for them",
        PluginThreads::stuck);
    counter(
        meters,
        plugin,
        "howdah.plugin.observations.dropped",
        "Observations that were dropped since too many waited",
        PluginThreads::droppedObservations);
    counter(
        meters,
        plugin,
        "howdah.plugin.demotions",
        "Hooks that used too much processor time and went on at the lowest priority",
        PluginThreads::demotions);
  }

  private static void counter(
      MeterRegistry meters,
      PluginHandle plugin,
      String name,
      String description,
      ToDoubleFunction<PluginThreads> value) {
    FunctionCounter.builder(name, plugin, it -> of(it, value))
        .description(description)
        .tag("plugin", label(plugin))
        .register(meters);
  }

  private static void gauge(
      MeterRegistry meters,
      PluginHandle plugin,
      String name,
      String description,
      ToDoubleFunction<PluginThreads> value) {
    Gauge.builder(name, plugin, it -> of(it, value))
        .description(description)
        .tag("plugin", label(plugin))
        .strongReference(true)
        .register(meters);
  }

  /** A plugin that was turned away before its manifest was read has no name. */
  private static String label(PluginHandle plugin) {
    return plugin.name().isEmpty() ? plugin.id() : plugin.name();
  }

  private static double of(PluginHandle plugin, ToDoubleFunction<PluginThreads> value) {
    return plugin.hosted().map(HostedPlugin::threads).map(value::applyAsDouble).orElse(0.0);
  }
}
