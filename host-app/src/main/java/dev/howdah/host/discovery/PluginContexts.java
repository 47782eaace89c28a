package dev.howdah.host.discovery;

import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginConfiguration;
import dev.howdah.plugin.PluginManifest;
import dev.howdah.plugin.audit.AuditPublisher;
import java.util.Map;
import java.util.function.Function;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * Gives each plugin an application context of its own, whose parent holds what the host exports and
 * nothing else. The plugin is its only bean, made by its one constructor.
 */
public final class PluginContexts {

  /**
   * What the host exports to plugins, as a context of its own. Wrapped, so that no bean of the host
   * is taken for a parent by accident.
   *
   * @param context holds the exported services
   */
  public record Exports(ConfigurableApplicationContext context) implements AutoCloseable {
    @Override
    public void close() {
      context.close();
    }
  }

  private final ApplicationContext exports;
  private final Function<String, PluginConfiguration> configurations;
  private final Function<String, AuditPublisher> publishers;

  /**
   * Prepares.
   *
   * @param exports the exported services
   * @param configurations the configuration of a plugin, by id
   * @param publishers a plugin's way into the audit trail, by name
   */
  public PluginContexts(
      Exports exports,
      Function<String, PluginConfiguration> configurations,
      Function<String, AuditPublisher> publishers) {
    this.exports = exports.context();
    this.configurations = configurations;
    this.publishers = publishers;
  }

  /**
   * Makes a plugin.
   *
   * @param manifest names its class
   * @param classLoader loads it
   * @throws ClassNotFoundException if the class isn't there
   * @throws IllegalStateException if it isn't a plugin or its constructor can't be called
   */
  public PluginInstance create(PluginManifest manifest, ClassLoader classLoader)
      throws ClassNotFoundException {
    Class<?> type = Class.forName(manifest.pluginClass(), false, classLoader);
    if (!Plugin.class.isAssignableFrom(type)) {
      throw new IllegalStateException(
          "The class %s doesn't implement %s.".formatted(type.getName(), Plugin.class.getName()));
    }
    Class<? extends Plugin> pluginClass = type.asSubclass(Plugin.class);
    GenericApplicationContext context = new GenericApplicationContext();
    context.setParent(exports);
    context.setEnvironment(emptyEnvironment());
    context.setClassLoader(classLoader);
    context.setId("plugin-" + manifest.id());
    context.setDisplayName("plugin " + manifest.id());
    context.setAllowBeanDefinitionOverriding(false);
    context.registerBean(PluginConfiguration.class, () -> configurations.apply(manifest.id()));
    context.registerBean(AuditPublisher.class, () -> publishers.apply(manifest.name()));
    context.registerBean("plugin", pluginClass);
    try {
      context.refresh();
      return new PluginInstance(context.getBean(pluginClass), classLoader, context);
    } catch (RuntimeException e) {
      context.close();
      throw e;
    }
  }

  /**
   * A plugin sees its own configuration through {@link PluginConfiguration}; the host's environment
   * stays out of sight.
   */
  private static StandardEnvironment emptyEnvironment() {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .forEach(source -> environment.getPropertySources().remove(source.getName()));
    environment.getPropertySources().addFirst(new MapPropertySource("plugin", Map.of()));
    return environment;
  }
}
