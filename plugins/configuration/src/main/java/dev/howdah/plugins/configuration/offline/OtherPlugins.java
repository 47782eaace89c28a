package dev.howdah.plugins.configuration.offline;

import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginConfiguration;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginManifest;
import dev.howdah.plugin.audit.AuditPublisher;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.cluster.PluginEntry;
import dev.howdah.plugin.registry.DesiredParametersRegistration;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugins.configuration.plan.Wish;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The other plugins on the class path, found by their manifests and asked which PostgreSQL
 * parameters they want for a Cluster that names them.
 */
public final class OtherPlugins {

  private final Function<String, PluginConfiguration> configurations;
  private final Clock clock;
  private final List<String> notes = new ArrayList<>();

  /**
   * Prepares to ask.
   *
   * @param configurations the part of the host's configuration for a plugin's id
   * @param clock what plugins are told the time by
   */
  public OtherPlugins(Function<String, PluginConfiguration> configurations, Clock clock) {
    this.configurations = configurations;
    this.clock = clock;
  }

  /**
   * Asks those that the Cluster names. One that can't be asked is noted and left out.
   *
   * @param cluster the Cluster
   * @param except the name of the plugin that asks
   */
  public List<Wish> wishes(Cluster cluster, String except) {
    List<Wish> wishes = new ArrayList<>();
    for (PluginManifest manifest : manifests()) {
      boolean named =
          cluster.plugins().stream()
              .filter(PluginEntry::enabled)
              .anyMatch(entry -> entry.name().equals(manifest.name()));
      if (named && !manifest.name().equals(except)) {
        wishes.addAll(ask(manifest, cluster));
      }
    }
    return wishes;
  }

  /** Which plugins could not be asked, and why. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  private List<Wish> ask(PluginManifest manifest, Cluster cluster) {
    List<Wish> wishes = new ArrayList<>();
    try {
      OfflineContext context = new OfflineContext(cluster, manifest.name());
      for (DesiredParametersRegistration registered :
          HookRegistry.collect(instance(manifest)).desiredParameters()) {
        Map<String, String> rules = registered.hook().rules(context);
        new TreeMap<>(registered.hook().desired(context))
            .forEach(
                (name, value) ->
                    wishes.add(
                        new Wish(
                            registered.layer(),
                            manifest.name(),
                            name,
                            value,
                            rules.getOrDefault(name, "wanted by " + manifest.name()))));
      }
    } catch (PluginException e) {
      notes.add("%s: %s.".formatted(manifest.name(), e.getMessage()));
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      notes.add(
          "%s could not be asked what it wants; it may need a host.".formatted(manifest.name()));
    }
    return wishes;
  }

  private Plugin instance(PluginManifest manifest) throws ReflectiveOperationException {
    Constructor<?> constructor = Class.forName(manifest.pluginClass()).getConstructors()[0];
    Map<Class<?>, Object> exported =
        Map.of(
            PluginConfiguration.class,
            configurations.apply(manifest.id()),
            Clock.class,
            clock,
            // Nothing happens here that somebody would want to know of later.
            AuditPublisher.class,
            AuditPublisher.none(),
            MeterRegistry.class,
            new SimpleMeterRegistry());
    Object[] arguments = new Object[constructor.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      Class<?> type = constructor.getParameterTypes()[i];
      Object argument = exported.get(type);
      if (argument == null) {
        throw new InstantiationException(type.getName() + " is given by hosts only");
      }
      arguments[i] = argument;
    }
    return (Plugin) constructor.newInstance(arguments);
  }

  private static List<PluginManifest> manifests() {
    TreeMap<String, PluginManifest> manifests = new TreeMap<>();
    try {
      for (URL url :
          Collections.list(
              OtherPlugins.class.getClassLoader().getResources(PluginManifest.LOCATION))) {
        try (InputStream in = url.openStream()) {
          PluginManifest manifest = PluginManifest.read(in);
          manifests.put(manifest.name(), manifest);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("The plugins' manifests can't be read.", e);
    }
    return List.copyOf(manifests.values());
  }
}
