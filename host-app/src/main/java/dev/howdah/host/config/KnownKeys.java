package dev.howdah.host.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.core.env.Environment;
import org.springframework.core.env.StandardEnvironment;

/**
 * Finds keys below {@code howdah} that nobody reads: a misspelt key that is silently ignored is a
 * setting that somebody believes to be in force. Environment variables are left alone, since others
 * may begin with {@code HOWDAH_}, too.
 */
public final class KnownKeys {

  private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("howdah");

  /** Keys that are read without being part of {@link HowdahProperties}. */
  private static final Set<String> OTHERS = Set.of("audit", "summary");

  private KnownKeys() {}

  /**
   * Checks all keys.
   *
   * @param environment where they are
   * @throws ConfigurationException for the first one that is unknown; suggests the nearest
   */
  public static void check(Environment environment) {
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource iterable && !isSystem(source)) {
        iterable.stream().filter(ROOT::isAncestorOf).forEach(KnownKeys::check);
      }
    }
  }

  private static boolean isSystem(ConfigurationPropertySource source) {
    return String.valueOf(source.getUnderlyingSource())
        .contains(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
  }

  private static void check(ConfigurationPropertyName name) {
    Type type = HowdahProperties.class;
    StringBuilder path = new StringBuilder("howdah");
    for (int i = 1; i < name.getNumberOfElements(); i++) {
      String element = name.getElement(i, Form.UNIFORM);
      if (i == 1 && isOther(element)) {
        return;
      }
      Class<?> raw = raw(type);
      if (raw == PluginSettings.class && component(raw, element).isEmpty()) {
        // The plugin's own; it refuses what it doesn't know itself.
        return;
      }
      if (raw.isRecord()) {
        Optional<RecordComponent> component = component(raw, element);
        if (component.isEmpty()) {
          throw unknown(path.toString(), name.getElement(i, Form.ORIGINAL), raw);
        }
        type = component.get().getGenericType();
      } else if (Map.class.isAssignableFrom(raw) && type instanceof ParameterizedType map) {
        type = map.getActualTypeArguments()[1];
        if (type == String.class) {
          // Its keys may have dots.
          return;
        }
      } else if (Collection.class.isAssignableFrom(raw)) {
        return;
      } else {
        throw new ConfigurationException(
            "The configuration key %s is unknown: %s is a single value. Remove what is behind it."
                .formatted(name, path));
      }
      path.append('.').append(name.getElement(i, Form.ORIGINAL));
    }
  }

  private static boolean isOther(String element) {
    return OTHERS.stream().anyMatch(other -> other.replace("-", "").equals(element));
  }

  private static Optional<RecordComponent> component(Class<?> type, String uniform) {
    for (RecordComponent component : type.getRecordComponents()) {
      if (component.getName().toLowerCase(Locale.ROOT).equals(uniform)) {
        return Optional.of(component);
      }
    }
    return Optional.empty();
  }

  private static Class<?> raw(Type type) {
    return switch (type) {
      case Class<?> plain -> plain;
      case ParameterizedType generic -> (Class<?>) generic.getRawType();
      default -> Object.class;
    };
  }

  private static ConfigurationException unknown(String path, String element, Class<?> type) {
    Set<String> known = new TreeSet<>();
    for (RecordComponent component : type.getRecordComponents()) {
      known.add(kebab(component.getName()));
    }
    String nearest =
        known.stream().min(Comparator.comparingInt(it -> distance(it, element))).orElse("");
    return new ConfigurationException(
        "The configuration key %s.%s is unknown. Did you mean %s.%s? Known are: %s."
            .formatted(
                path, element, path, nearest, String.join(", ", new LinkedHashSet<>(known))));
  }

  private static String kebab(String name) {
    return name.replaceAll("([a-z])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
  }

  /** Levenshtein's. */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        row[j] =
            Math.min(
                Math.min(row[j] + 1, row[j - 1] + 1),
                diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1));
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
