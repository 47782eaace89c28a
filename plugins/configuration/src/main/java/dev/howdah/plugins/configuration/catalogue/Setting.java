package dev.howdah.plugins.configuration.catalogue;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One parameter of one PostgreSQL major. Reads values as PostgreSQL's own parser does, so what it
 * accepts the server accepts, except for what only the server can check (files, names of text
 * search configurations, combinations).
 *
 * @param name the name, as PostgreSQL spells it
 * @param type what its values are
 * @param unit the unit it counts in; empty if none
 * @param context when it can be changed
 * @param minimum lowest value, in its unit; empty unless a number
 * @param maximum highest value, in its unit; empty unless a number
 * @param words the values of an enum
 * @param bootValue the value without any configuration, in its unit; empty if none
 */
public record Setting(
    String name,
    SettingType type,
    String unit,
    SettingContext context,
    Optional<BigDecimal> minimum,
    Optional<BigDecimal> maximum,
    List<String> words,
    String bootValue) {

  private static final Pattern NUMBER =
      Pattern.compile(
          "\\s*([-+]?(?:0[xX][0-9a-fA-F]+|(?:\\d+(?:\\.\\d*)?|\\.\\d+)(?:[eE][-+]?\\d+)?))\\s*([a-zA-Z]*)\\s*");
  private static final List<String> TRUTHS = List.of("true", "yes", "on", "1");
  private static final List<String> LIES = List.of("false", "no", "off", "0");

  /** Copies the list. */
  public Setting {
    words = List.copyOf(words);
  }

  /** Whether a change takes effect only when the server starts anew. */
  public boolean needsRestart() {
    return context == SettingContext.POSTMASTER;
  }

  /**
   * What is wrong with a value.
   *
   * @param text the value as written
   * @return a sentence that says what is allowed instead; empty if it is fine
   */
  public Optional<String> problem(String text) {
    if (context == SettingContext.INTERNAL) {
      return Optional.of("it shows how PostgreSQL was built and can't be set");
    }
    if (text.indexOf('\0') >= 0 || text.indexOf('\n') >= 0) {
      return Optional.of("a value is one line");
    }
    return switch (type) {
      case BOOL ->
          bool(text).isPresent() ? Optional.empty() : Optional.of("it must be 'on' or 'off'");
      case ENUM ->
          word(text).isPresent()
              ? Optional.empty()
              : Optional.of("it must be one of '" + String.join("', '", words) + "'");
      case INTEGER, REAL -> numberProblem(text);
      case STRING -> Optional.empty();
    };
  }

  /**
   * The value in the form in which equal values are equal texts: numbers in the parameter's unit,
   * {@code on} and {@code off}, words as PostgreSQL spells them.
   *
   * @param text the value as written
   * @return the canonical form, or empty if it isn't valid
   */
  public Optional<String> canonical(String text) {
    return switch (type) {
      case BOOL -> bool(text).map(value -> value ? "on" : "off");
      case ENUM -> word(text);
      case INTEGER, REAL -> number(text).map(value -> value.stripTrailingZeros().toPlainString());
      case STRING -> Optional.of(text);
    };
  }

  /**
   * The value as a number in the parameter's unit.
   *
   * @param text the value as written
   * @return the number; empty if it isn't one or the parameter doesn't take numbers
   */
  public Optional<BigDecimal> number(String text) {
    if (type != SettingType.INTEGER && type != SettingType.REAL) {
      return Optional.empty();
    }
    Matcher matcher = NUMBER.matcher(text);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    Optional<BigDecimal> factor = factor(matcher.group(2));
    return digits(matcher.group(1))
        .flatMap(value -> factor.map(value::multiply))
        // PostgreSQL rounds to the nearest, ties to even, as rint(3) does.
        .map(v -> type == SettingType.INTEGER ? v.setScale(0, RoundingMode.HALF_EVEN) : v);
  }

  /** A number of this setting's unit as a user would write it, with the largest unit that fits. */
  public String written(long value) {
    if (unit.isEmpty()) {
      return Long.toString(value);
    }
    BigInteger count = BigInteger.valueOf(value);
    Unit base = Unit.parse(unit);
    List<String> larger =
        base.memory() ? List.of("TB", "GB", "MB", "kB") : List.of("d", "h", "min", "s", "ms");
    for (String candidate : larger) {
      Optional<BigInteger> each =
          base.factor(candidate)
              .filter(factor -> factor.stripTrailingZeros().scale() <= 0)
              .map(BigDecimal::toBigIntegerExact);
      if (value > 0 && each.isPresent() && count.mod(each.get()).signum() == 0) {
        return count.divide(each.get()) + candidate;
      }
    }
    return Long.toString(value);
  }

  private Optional<String> numberProblem(String text) {
    Optional<BigDecimal> number = number(text);
    if (number.isEmpty()) {
      String units =
          unit.isEmpty()
              ? "without a unit"
              : "with one of the units " + Unit.parse(unit).accepted();
      return Optional.of(
          "it must be a %s %s"
              .formatted(type == SettingType.INTEGER ? "whole number" : "number", units));
    }
    boolean low = minimum.isPresent() && number.get().compareTo(minimum.get()) < 0;
    boolean high = maximum.isPresent() && number.get().compareTo(maximum.get()) > 0;
    if (low || high) {
      String in = unit.isEmpty() ? "" : " (in units of " + unit + ")";
      return Optional.of(
          "it must be between %s and %s%s"
              .formatted(
                  minimum.map(BigDecimal::toString).orElse("-"),
                  maximum.map(BigDecimal::toString).orElse("-"),
                  in));
    }
    return Optional.empty();
  }

  private Optional<BigDecimal> factor(String written) {
    if (written.isEmpty()) {
      return Optional.of(BigDecimal.ONE);
    }
    return unit.isEmpty() ? Optional.empty() : Unit.parse(unit).factor(written);
  }

  private Optional<BigDecimal> digits(String written) {
    boolean signed = written.startsWith("-") || written.startsWith("+");
    String digits = signed ? written.substring(1) : written;
    BigDecimal value;
    if (digits.startsWith("0x") || digits.startsWith("0X")) {
      value = new BigDecimal(new BigInteger(digits.substring(2), 16));
    } else if (type == SettingType.INTEGER && digits.matches("0[0-7]+")) {
      value = new BigDecimal(new BigInteger(digits, 8));
    } else {
      value = new BigDecimal(digits);
    }
    // Beyond this PostgreSQL says "out of range"; so does the range check.
    if (value.precision() - value.scale() > 40) {
      return Optional.empty();
    }
    return Optional.of(written.startsWith("-") ? value.negate() : value);
  }

  private static Optional<Boolean> bool(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (matches(TRUTHS, lower)) {
      return Optional.of(true);
    }
    return matches(LIES, lower) ? Optional.of(false) : Optional.empty();
  }

  /**
   * PostgreSQL takes any unique beginning: {@code t}, {@code ye}, {@code of}, but not {@code o}.
   */
  private static boolean matches(List<String> words, String text) {
    return !text.isEmpty()
        && !text.equals("o")
        && words.stream().anyMatch(word -> word.startsWith(text));
  }

  private Optional<String> word(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    Optional<String> known = words.stream().filter(word -> word.equalsIgnoreCase(text)).findFirst();
    if (known.isPresent()) {
      return known;
    }
    // Enums that can be on or off take these, too, without showing them in pg_settings.
    if (words.contains("on") && List.of("true", "yes", "1").contains(lower)) {
      return Optional.of("on");
    }
    if (words.contains("off") && List.of("false", "no", "0").contains(lower)) {
      return Optional.of("off");
    }
    return words.contains("debug2") && lower.equals("debug")
        ? Optional.of("debug2")
        : Optional.empty();
  }
}
