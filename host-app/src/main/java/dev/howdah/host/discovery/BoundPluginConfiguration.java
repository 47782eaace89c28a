package dev.howdah.host.discovery;

import dev.howdah.host.config.ConfigurationException;
import dev.howdah.host.config.PluginSettings;
import dev.howdah.host.config.WrongSetting;
import dev.howdah.host.parameters.RecordConstraints;
import dev.howdah.plugin.Parameter;
import dev.howdah.plugin.PluginConfiguration;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.PropertySourcesPlaceholdersResolver;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.boot.convert.ApplicationConversionService;
import org.springframework.core.env.Environment;

/**
 * One plugin's part of the configuration, {@code howdah.plugins.<id>.*}, bound by Spring Boot's
 * binder.
 */
public final class BoundPluginConfiguration implements PluginConfiguration {

  /** Keys there that are the host's own. */
  private static final Set<String> HOST_KEYS =
      Arrays.stream(PluginSettings.class.getRecordComponents())
          .map(RecordComponent::getName)
          .map(BoundPluginConfiguration::uniform)
          .collect(Collectors.toUnmodifiableSet());

  private final String prefix;
  private final Environment environment;
  private final List<Class<? extends Record>> bound = new CopyOnWriteArrayList<>();

  /**
   * Prepares.
   *
   * @param id the plugin's id
   * @param environment the host's environment
   */
  public BoundPluginConfiguration(String id, Environment environment) {
    this.prefix = "howdah.plugins." + id;
    this.environment = environment;
  }

  /** The records that the plugin has bound so far: its configuration keys. */
  public List<Class<? extends Record>> boundTypes() {
    return List.copyOf(bound);
  }

  @Override
  public <C extends Record> C bind(Class<C> type) {
    bound.add(type);
    refuseUnknownKeys(type);
    C value;
    try {
      value = binder(type).bindOrCreate(prefix, Bindable.of(type));
    } catch (BindException e) {
      throw new ConfigurationException(WrongSetting.explain(e), e);
    }
    RecordConstraints.violations(value).stream()
        .map(violation -> prefix + "." + violation)
        .findFirst()
        .ifPresent(
            problem -> {
              throw new ConfigurationException(problem + ".");
            });
    return value;
  }

  @Override
  public Optional<String> get(String key) {
    return Optional.ofNullable(environment.getProperty(prefix + "." + key));
  }

  /** The environment first, then what {@link Parameter#defaultValue()} declares. */
  private Binder binder(Class<? extends Record> type) {
    Map<String, String> defaults = new HashMap<>();
    for (RecordComponent component : type.getRecordComponents()) {
      Parameter parameter = component.getAnnotation(Parameter.class);
      if (parameter != null && !parameter.defaultValue().equals(Parameter.NONE)) {
        String key = DataObjectPropertyName.toDashedForm(component.getName());
        defaults.put(prefix + "." + key, parameter.defaultValue());
      }
    }
    List<ConfigurationPropertySource> sources = new ArrayList<>();
    ConfigurationPropertySources.get(environment).forEach(sources::add);
    sources.add(new MapConfigurationPropertySource(defaults));
    // Conversions of its own: those that all binders share remember the plugin's classes.
    return new Binder(
        sources,
        new PropertySourcesPlaceholdersResolver(environment),
        new ApplicationConversionService());
  }

  private void refuseUnknownKeys(Class<? extends Record> type) {
    Set<String> known =
        Arrays.stream(type.getRecordComponents())
            .map(RecordComponent::getName)
            .map(BoundPluginConfiguration::uniform)
            .collect(Collectors.toCollection(TreeSet::new));
    ConfigurationPropertyName root = ConfigurationPropertyName.of(prefix);
    for (var source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource iterable) {
        iterable.stream()
            .filter(root::isAncestorOf)
            .map(
                name ->
                    name.getElement(
                        root.getNumberOfElements(), ConfigurationPropertyName.Form.UNIFORM))
            .filter(key -> !known.contains(key) && !HOST_KEYS.contains(key))
            .findFirst()
            .ifPresent(
                key -> {
                  throw new ConfigurationException(
                      "%s.%s is unknown; this plugin knows %s.".formatted(prefix, key, known));
                });
      }
    }
  }

  private static String uniform(String name) {
    return name.replace("-", "").toLowerCase(Locale.ROOT);
  }
}
