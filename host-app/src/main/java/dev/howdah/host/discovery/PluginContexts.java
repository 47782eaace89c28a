package dev.howdah.host.discovery;

import dev.howdah.host.catalog.Problem;
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
   * @param classLoader loads it, and is the thread's context class loader meanwhile
   * @throws UnusablePlugin if its class isn't that of a plugin
   */
  public PluginInstance create(PluginManifest manifest, ClassLoader classLoader)
      throws UnusablePlugin {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(classLoader);
    try {
      return instantiate(manifest, load(manifest, classLoader), classLoader);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  private PluginInstance instantiate(
      PluginManifest manifest, Class<? extends Plugin> pluginClass, ClassLoader classLoader) {
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
    } catch (RuntimeException | Error e) {
      context.close();
      throw e;
    }
  }

  /**
   * Loads a plugin's class without initialising it, so that none of its code runs.
   *
   * @param manifest names the class
   * @param classLoader loads it
   * @throws UnusablePlugin if the class isn't there, doesn't implement {@link Plugin}, or hasn't
   *     exactly one public constructor
   */
  public static Class<? extends Plugin> load(PluginManifest manifest, ClassLoader classLoader)
      throws UnusablePlugin {
    String name = manifest.pluginClass();
    Class<?> type;
    int constructors;
    try {
      type = Class.forName(name, false, classLoader);
      constructors = type.getConstructors().length;
    } catch (LinkageError e) {
      throw new UnusablePlugin(StartProblem.of("its class", e));
    } catch (ClassNotFoundException e) {
      throw new UnusablePlugin(
          new Problem(
              "The class %s, which the manifest names, isn't there.".formatted(name),
              "Correct 'class' in %s.".formatted(PluginManifest.LOCATION)));
    }
    if (!Plugin.class.isAssignableFrom(type)) {
      throw new UnusablePlugin(
          new Problem(
              "The class %s doesn't implement %s.".formatted(name, Plugin.class.getName()),
              "Correct 'class' in %s, or implement the interface."
                  .formatted(PluginManifest.LOCATION)));
    }
    if (constructors != 1) {
      throw new UnusablePlugin(
          new Problem(
              "The class %s has %s public constructor; the host calls the only one."
                  .formatted(name, constructors == 0 ? "no" : "more than one"),
              "Leave it one public constructor that takes what the plugin needs of the host."));
    }
    return type.asSubclass(Plugin.class);
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
