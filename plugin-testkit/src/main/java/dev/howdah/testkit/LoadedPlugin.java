package dev.howdah.testkit;

import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.plugin.registry.LifecycleCapability;
import java.util.List;
import java.util.Set;

/**
 * What the operator knows of a plugin that it has loaded.
 *
 * @param name the plugin's name
 * @param version its version
 * @param displayName its name for people
 * @param description what it does
 * @param services the services it declares
 * @param lifecycle the objects it takes part in
 */
public record LoadedPlugin(
    String name,
    String version,
    String displayName,
    String description,
    Set<ServiceCapability> services,
    List<LifecycleCapability> lifecycle) {

  /** Copies the collections. */
  public LoadedPlugin {
    services = Set.copyOf(services);
    lifecycle = List.copyOf(lifecycle);
  }
}
