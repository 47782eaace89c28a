package dev.howdah.plugins.configuration.offline;

import dev.howdah.plugin.Parameter;
import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.PluginException;
import io.fabric8.kubernetes.api.model.Quantity;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Binds the parameters of a Cluster to records of texts, numbers, flags, enums, Durations,
 * Quantities, and Optionals and Lists of these. It checks no constraints; a host does. Thread-safe.
 */
public final class OfflineBinder implements ParameterBinder {

  @Override
  public <P extends Record> P bind(
      Class<P> type, Map<String, String> parameters, List<String> path) {
    RecordComponent[] components = type.getRecordComponents();
    Class<?>[] types = new Class<?>[components.length];
    @Nullable Object[] values = new @Nullable Object[components.length];
    Set<String> unknown = new TreeSet<>(parameters.keySet());
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      String name = name(components[i]);
      unknown.remove(name);
      values[i] = value(components[i], name, parameters.get(name), path);
    }
    if (!unknown.isEmpty()) {
      throw invalid(path, unknown.iterator().next(), "is unknown");
    }
    try {
      var constructor = type.getDeclaredConstructor(types);
      constructor.setAccessible(true);
      return constructor.newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new PluginException(
          PluginException.Kind.INVALID,
          "%s can't be bound to %s".formatted(String.join(".", path), type.getSimpleName()),
          e);
    }
  }

  private static Object value(
      RecordComponent component, String name, @Nullable String given, List<String> path) {
    Parameter annotation = component.getAnnotation(Parameter.class);
    String byDefault =
        annotation == null || annotation.defaultValue().equals(Parameter.NONE)
            ? null
            : annotation.defaultValue();
    String text = given == null ? byDefault : given;
    Type type = component.getGenericType();
    Class<?> raw = component.getType();
    if (raw == Optional.class) {
      return text == null ? Optional.empty() : Optional.of(one(argument(type), name, text, path));
    }
    if (raw == List.class) {
      List<Object> list = new ArrayList<>();
      for (String part : text == null ? new String[0] : text.split(",")) {
        list.add(one(argument(type), name, part.strip(), path));
      }
      return List.copyOf(list);
    }
    if (text == null) {
      throw invalid(path, name, "is required");
    }
    return one(raw, name, text, path);
  }

  private static Object one(Class<?> type, String name, String text, List<String> path) {
    try {
      if (type == String.class) {
        return text;
      } else if (type == int.class || type == Integer.class) {
        return Integer.valueOf(text.strip());
      } else if (type == long.class || type == Long.class) {
        return Long.valueOf(text.strip());
      } else if (type == double.class || type == Double.class) {
        return Double.valueOf(text.strip());
      } else if (type == Quantity.class) {
        Quantity quantity = Quantity.parse(text.strip());
        Quantity.getAmountInBytes(quantity);
        return quantity;
      } else if (type == Duration.class) {
        return duration(text.strip());
      } else if (type == boolean.class || type == Boolean.class) {
        return flag(text.strip());
      } else if (type.isEnum()) {
        return constant(type, text.strip());
      }
    } catch (RuntimeException e) {
      throw invalid(path, name, "can't be '%s'".formatted(text));
    }
    throw new IllegalArgumentException("Parameters can't be of type " + type.getName() + ".");
  }

  private static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(text);
    };
  }

  private static Object constant(Class<?> type, String text) {
    for (Object constant : type.getEnumConstants()) {
      String name = ((Enum<?>) constant).name();
      if (name.toLowerCase(Locale.ROOT).replace('_', '-').equals(text.toLowerCase(Locale.ROOT))) {
        return constant;
      }
    }
    throw new IllegalArgumentException(text);
  }

  /** {@code 90s}, {@code 1h30m}, {@code 500ms}, {@code 2d}. */
  private static Duration duration(String text) {
    var matcher = Pattern.compile("(\\d+)(ms|d|h|m|s)").matcher(text);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      long count = Long.parseLong(matcher.group(1));
      sum =
          sum.plus(
              switch (matcher.group(2)) {
                case "d" -> Duration.ofDays(count);
                case "h" -> Duration.ofHours(count);
                case "m" -> Duration.ofMinutes(count);
                case "s" -> Duration.ofSeconds(count);
                default -> Duration.ofMillis(count);
              });
      end = matcher.end();
    }
    if (end == 0 || end != text.length()) {
      throw new IllegalArgumentException(text);
    }
    return sum;
  }

  private static Class<?> argument(Type type) {
    Type argument = ((ParameterizedType) type).getActualTypeArguments()[0];
    return (Class<?>) argument;
  }

  private static String name(RecordComponent component) {
    Parameter annotation = component.getAnnotation(Parameter.class);
    return annotation == null || annotation.name().isEmpty()
        ? component.getName()
        : annotation.name();
  }

  private static PluginException invalid(List<String> path, String name, String problem) {
    return new PluginException(
        PluginException.Kind.INVALID,
        "the parameter %s %s; see %s".formatted(name, problem, String.join(".", path)));
  }
}
