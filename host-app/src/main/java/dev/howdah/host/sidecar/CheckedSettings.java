package dev.howdah.host.sidecar;

import dev.howdah.host.config.SidecarSettings;
import dev.howdah.host.config.SidecarSettings.CarriedPlugin;
import dev.howdah.host.config.SidecarSettings.Resources;
import dev.howdah.host.config.SidecarSettings.Revision;
import dev.howdah.host.config.SidecarSettings.Rollout;
import io.fabric8.kubernetes.api.model.Quantity;
import jakarta.validation.ConstraintViolation;
import jakarta.validation.Validator;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

/** Reads settings of the sidecar and refuses those that no Pod could be made from. */
final class CheckedSettings {

  private static final String ROOT = "sidecar";
  private static final Pattern SECRET =
      Pattern.compile(
          "(?i).*(password|passwd|secret|token|credential|access-?key|private-?key|account-?key).*");

  private final Validator validator;

  CheckedSettings(Validator validator) {
    this.validator = validator;
  }

  /**
   * Reads the YAML document.
   *
   * @throws IllegalArgumentException if it can't be used; says what to change
   */
  SidecarSettings read(String yaml) {
    MutablePropertySources sources = new MutablePropertySources();
    try {
      new YamlPropertySourceLoader()
          .load(ROOT, new ByteArrayResource(yaml.getBytes(StandardCharsets.UTF_8)))
          .forEach(document -> sources.addLast(belowRoot(document)));
    } catch (IOException | RuntimeException e) {
      throw new IllegalArgumentException("It isn't YAML: " + firstLine(e), e);
    }
    Binder binder = new Binder(ConfigurationPropertySources.from(sources));
    try {
      return check(
          binder
              .bind(
                  ROOT,
                  Bindable.of(SidecarSettings.class),
                  new NoUnboundElementsBindHandler(BindHandler.DEFAULT))
              .orElseThrow(() -> new IllegalArgumentException("It is empty.")));
    } catch (BindException e) {
      throw new IllegalArgumentException(reason(e), e);
    }
  }

  /** The binder has no name for what is above every key. */
  private static MapPropertySource belowRoot(PropertySource<?> document) {
    Map<String, Object> prefixed = new LinkedHashMap<>();
    if (document instanceof EnumerablePropertySource<?> keys) {
      for (String key : keys.getPropertyNames()) {
        prefixed.put(ROOT + "." + key, keys.getProperty(key));
      }
    }
    return new MapPropertySource(ROOT, prefixed);
  }

  private static String reason(BindException e) {
    if (e.getCause() instanceof UnboundConfigurationPropertiesException unbound) {
      Set<String> names = new TreeSet<>();
      unbound.getUnboundProperties().forEach(it -> names.add(withoutRoot(it.getName())));
      return "Nothing is known by the name of " + String.join(", ", names) + ".";
    }
    ConfigurationProperty property = e.getProperty();
    return property == null
        ? "%s is missing or has no good value.".formatted(withoutRoot(e.getName()))
        : "'%s' is no value of %s.".formatted(property.getValue(), withoutRoot(property.getName()));
  }

  private static String withoutRoot(ConfigurationPropertyName name) {
    return name.toString().substring(ROOT.length() + 1);
  }

  private static String firstLine(Throwable e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("").strip();
  }

  /**
   * Checks settings.
   *
   * @return the settings
   * @throws IllegalArgumentException if they can't be used; says what to change
   */
  SidecarSettings check(SidecarSettings settings) {
    Set<ConstraintViolation<SidecarSettings>> violations = validator.validate(settings);
    if (!violations.isEmpty()) {
      Set<String> texts = new TreeSet<>();
      violations.forEach(it -> texts.add(it.getPropertyPath() + " " + it.getMessage()));
      throw new IllegalArgumentException(String.join("; ", texts) + ".");
    }
    requireRevision("revision", settings.revision(), settings);
    for (Rollout entry : settings.rollout()) {
      requireRevision("rollout", entry.revision(), settings);
      LabelSelector.parse(entry.selector());
    }
    settings.revisions().values().forEach(CheckedSettings::check);
    settings.settings().forEach(CheckedSettings::checkSetting);
    return settings;
  }

  private static void requireRevision(String place, int number, SidecarSettings settings) {
    if (!settings.revisions().containsKey(number)) {
      throw new IllegalArgumentException(
          "%s names revision %d, which revisions doesn't have.".formatted(place, number));
    }
  }

  private static void check(Revision revision) {
    checkResources(revision.resources());
    Set<String> names = new HashSet<>();
    if (revision.plugins() != null) {
      for (CarriedPlugin plugin : revision.plugins()) {
        checkResources(plugin.resources());
        if (!names.add(plugin.name())) {
          throw new IllegalArgumentException(
              "A revision lists the plugin '%s' twice.".formatted(plugin.name()));
        }
      }
    }
  }

  private static void checkResources(@Nullable Resources resources) {
    if (resources != null) {
      resources.requests().forEach(CheckedSettings::checkQuantity);
      resources.limits().forEach(CheckedSettings::checkQuantity);
    }
  }

  private static void checkQuantity(String resource, String quantity) {
    try {
      Quantity.parse(quantity).getNumericalAmount();
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          "'%s' is no quantity of %s.".formatted(quantity, resource), e);
    }
  }

  /** A ConfigMap is for everybody to read. The path of a mounted Secret isn't secret. */
  private static void checkSetting(String key, String value) {
    String last = key.substring(key.lastIndexOf('.') + 1);
    if (SECRET.matcher(last).matches() && !value.startsWith("/")) {
      throw new IllegalArgumentException(
          "settings.%s looks like a secret; mount it from a Secret and name its path here."
              .formatted(key));
    }
  }

  /** What a map of settings says as the lines of a properties file, sorted. */
  static String properties(Map<String, String> settings) {
    StringBuilder lines = new StringBuilder();
    new TreeMap<>(settings)
        .forEach(
            (key, value) ->
                lines
                    .append("howdah.")
                    .append(escape(key))
                    .append('=')
                    .append(escape(value))
                    .append('\n'));
    return lines.toString();
  }

  private static String escape(String text) {
    return text.replace("\\", "\\\\")
        .replace("\n", "\\n")
        .replace("\r", "\\r")
        .replace("\t", "\\t")
        .replace("=", "\\=")
        .replace(":", "\\:")
        .replace(" ", "\\ ");
  }
}
