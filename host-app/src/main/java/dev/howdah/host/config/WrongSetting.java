package dev.howdah.host.config;

import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.bind.validation.ValidationErrors;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.origin.Origin;
import org.springframework.boot.origin.PropertySourceOrigin;
import org.springframework.boot.origin.SystemEnvironmentOrigin;
import org.springframework.boot.origin.TextResourceOrigin;
import org.springframework.core.env.CommandLinePropertySource;
import org.springframework.util.unit.DataSize;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/** Says of a property that can't be bound what it is, what it may be, and where it was set. */
public final class WrongSetting {

  /** Keys whose values nobody wants in a log. */
  private static final Pattern SECRET = Pattern.compile("password|secret|token|credential");

  private WrongSetting() {}

  /**
   * Explains.
   *
   * @param failure what binding ended with
   * @return what is wrong and what to do
   */
  public static String explain(BindException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BindValidationException invalid) {
        return explain(invalid.getValidationErrors());
      }
      if (cause instanceof UnboundConfigurationPropertiesException unknown) {
        return explain(unknown);
      }
    }
    ConfigurationProperty property = failure.getProperty();
    return property == null
        ? "%s can't be used: %s. Correct it.".formatted(failure.getName(), root(failure))
        : "%s is '%s', %s. Correct it %s."
            .formatted(
                property.getName(),
                shown(property.getName(), property.getValue()),
                expected(failure),
                place(property.getOrigin()));
  }

  private static String explain(UnboundConfigurationPropertiesException unknown) {
    Set<ConfigurationProperty> keys = unknown.getUnboundProperties();
    return "Unknown: %s. Correct it %s."
        .formatted(
            keys.stream().map(key -> key.getName().toString()).sorted().collect(joining(", ")),
            keys.size() == 1 ? place(keys.iterator().next().getOrigin()) : "where it is set");
  }

  private static String explain(ValidationErrors errors) {
    List<ObjectError> all = errors.getAllErrors();
    return "%s. Correct it %s."
        .formatted(
            all.stream().map(error -> explain(errors, error)).sorted().collect(joining("; ")),
            all.size() == 1 && all.getFirst() instanceof FieldError field
                ? place(origin(errors, field))
                : "where it is set");
  }

  private static String explain(ValidationErrors errors, ObjectError error) {
    return error instanceof FieldError field
        ? "%s is '%s', which %s"
            .formatted(
                name(errors, field),
                shown(name(errors, field), field.getRejectedValue()),
                field.getDefaultMessage())
        : "%s %s".formatted(errors.getName(), error.getDefaultMessage());
  }

  private static String shown(ConfigurationPropertyName name, @Nullable Object value) {
    return SECRET.matcher(name.toString()).find() ? "***" : String.valueOf(value);
  }

  private static ConfigurationPropertyName name(ValidationErrors errors, FieldError field) {
    return errors.getName().append(DataObjectPropertyName.toDashedForm(field.getField()));
  }

  private static @Nullable Origin origin(ValidationErrors errors, FieldError field) {
    ConfigurationPropertyName name = name(errors, field);
    return errors.getBoundProperties().stream()
        .filter(property -> property.getName().equals(name))
        .map(ConfigurationProperty::getOrigin)
        .findFirst()
        .orElse(null);
  }

  private static String expected(BindException failure) {
    Class<?> type = failure.getTarget().getType().resolve(Object.class);
    if (type.isEnum()) {
      return "which is none of "
          + Arrays.stream(type.getEnumConstants())
              .map(value -> ((Enum<?>) value).name().toLowerCase(Locale.ROOT).replace('_', '-'))
              .collect(joining(", "));
    }
    if (type == Duration.class) {
      return "which is no duration such as 30s or 5m";
    }
    if (type == DataSize.class) {
      return "which is no size such as 4MB";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "which is neither true nor false";
    }
    if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
      return "which is no number, or too large a one";
    }
    if (type == URI.class) {
      return "which is no URL";
    }
    return "which can't be used: " + root(failure);
  }

  private static String root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = Objects.requireNonNullElse(root.getMessage(), root.getClass().getSimpleName());
    return message.endsWith(".") ? message.substring(0, message.length() - 1) : message;
  }

  private static String place(@Nullable Origin origin) {
    return switch (origin) {
      case PropertySourceOrigin source when source.getOrigin() != null -> place(source.getOrigin());
      case TextResourceOrigin text -> place(text);
      case SystemEnvironmentOrigin variable -> "in the variable " + variable.getProperty();
      case PropertySourceOrigin source
          when source.getPropertySource() instanceof CommandLinePropertySource<?> ->
          "on the command line";
      case null, default -> "where it is set";
    };
  }

  private static String place(TextResourceOrigin text) {
    if (text.getResource() == null || text.getLocation() == null) {
      return "where it is set";
    }
    int line = text.getLocation().getLine() + 1;
    try {
      return "in line %d of %s".formatted(line, text.getResource().getFile());
    } catch (IOException inAnArchive) {
      return "in line %d of %s".formatted(line, text.getResource().getDescription());
    }
  }
}
