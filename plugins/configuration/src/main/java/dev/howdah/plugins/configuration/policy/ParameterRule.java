package dev.howdah.plugins.configuration.policy;

import dev.howdah.plugin.Parameter;
import dev.howdah.plugins.configuration.catalogue.Catalogue;
import dev.howdah.plugins.configuration.catalogue.Setting;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A rule for one PostgreSQL parameter.
 *
 * @param name the parameter
 * @param required the value it must have; set for the user where Howdah delivers parameters
 * @param allowed the values it may have; any if empty
 * @param forbidden whether it may not be set at all
 * @param minimum the lowest value it may have
 * @param maximum the highest value it may have
 */
public record ParameterRule(
    String name,
    @Nullable String required,
    List<String> allowed,
    @Parameter(defaultValue = "false") boolean forbidden,
    @Nullable String minimum,
    @Nullable String maximum) {

  /**
   * Fills in what wasn't given.
   *
   * @throws IllegalArgumentException if the name is missing or the rule says nothing
   */
  @SuppressWarnings("ConstantValue")
  public ParameterRule {
    if (name == null || name.isBlank()) {
      throw new IllegalArgumentException("A rule for a parameter needs the parameter's name.");
    }
    allowed = Policy.orEmpty(allowed);
    if (required == null && allowed.isEmpty() && !forbidden && minimum == null && maximum == null) {
      throw new IllegalArgumentException(
          "The rule for the parameter %s says nothing; give it one of required, allowed, forbidden, minimum, maximum."
              .formatted(name));
    }
  }

  /**
   * What a value breaks.
   *
   * @param value the value as written
   * @return what is wrong, in words that go after the parameter's name; empty if nothing is
   */
  public Optional<String> broken(String value, Catalogue catalogue) {
    if (forbidden) {
      return Optional.of("must not be set");
    }
    if (required != null && !same(catalogue, value, required)) {
      return Optional.of("must be '%s'".formatted(required));
    }
    if (!allowed.isEmpty() && allowed.stream().noneMatch(one -> same(catalogue, value, one))) {
      return Optional.of("must be one of '%s'".formatted(String.join("', '", allowed)));
    }
    if (beyond(catalogue, value, minimum, -1)) {
      return Optional.of("must be at least %s".formatted(minimum));
    }
    if (beyond(catalogue, value, maximum, 1)) {
      return Optional.of("must be at most %s".formatted(maximum));
    }
    return Optional.empty();
  }

  /**
   * A value of lower rank brought within the rule.
   *
   * @param value what a profile or another plugin wants
   * @return the value, the bound it went over, or empty if it can't be had at all
   */
  public Optional<String> bounded(String value, Catalogue catalogue) {
    if (broken(value, catalogue).isEmpty()) {
      return Optional.of(value);
    }
    if (!forbidden && minimum != null && beyond(catalogue, value, minimum, -1)) {
      return Optional.of(minimum);
    }
    if (!forbidden && maximum != null && beyond(catalogue, value, maximum, 1)) {
      return Optional.of(maximum);
    }
    return Optional.empty();
  }

  /** What is wrong with the rule itself for a PostgreSQL major; empty if nothing is. */
  public Optional<String> problem(Catalogue catalogue) {
    Optional<String> wrongName = catalogue.nameProblem(name);
    if (wrongName.isPresent()) {
      return wrongName;
    }
    for (String value : values()) {
      Optional<String> wrong = catalogue.problem(name, value);
      if (wrong.isPresent()) {
        return wrong;
      }
    }
    return Optional.empty();
  }

  private List<String> values() {
    return Stream.concat(
            allowed.stream(),
            Stream.of(
                    Optional.ofNullable(required),
                    Optional.ofNullable(minimum),
                    Optional.ofNullable(maximum))
                .flatMap(Optional::stream))
        .toList();
  }

  private boolean same(Catalogue catalogue, String one, String other) {
    Optional<Setting> setting = catalogue.find(name);
    Optional<String> left = setting.flatMap(found -> found.canonical(one));
    Optional<String> right = setting.flatMap(found -> found.canonical(other));
    return left.isPresent() && right.isPresent() ? left.equals(right) : one.equals(other);
  }

  private boolean beyond(Catalogue catalogue, String value, @Nullable String bound, int direction) {
    if (bound == null) {
      return false;
    }
    Optional<BigDecimal> number = catalogue.find(name).flatMap(found -> found.number(value));
    Optional<BigDecimal> limit = catalogue.find(name).flatMap(found -> found.number(bound));
    return number.isPresent()
        && limit.isPresent()
        && Integer.signum(number.get().compareTo(limit.get())) == direction;
  }
}
