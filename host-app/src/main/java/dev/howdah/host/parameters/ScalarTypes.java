package dev.howdah.host.parameters;

import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values that are one text: numbers, words, durations and such. */
final class ScalarTypes {

  /** Long enough for any number that means something, short enough to compute with. */
  private static final int LONGEST_NUMBER = 100;

  private static final Pattern QUANTITY =
      Pattern.compile("[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?\\d{1,2})?");

  private static final Pattern DURATION_PART =
      Pattern.compile("(\\d{1,18}(?:\\.\\d{1,9})?)(ns|us|µs|ms|s|m|h|d)");

  private static final Map<String, BigDecimal> NANOS =
      Map.of(
          "ns", BigDecimal.ONE,
          "us", BigDecimal.valueOf(1_000),
          "µs", BigDecimal.valueOf(1_000),
          "ms", BigDecimal.valueOf(1_000_000),
          "s", BigDecimal.valueOf(1_000_000_000),
          "m", BigDecimal.valueOf(60_000_000_000L),
          "h", BigDecimal.valueOf(3_600_000_000_000L),
          "d", BigDecimal.valueOf(86_400_000_000_000L));

  private ScalarTypes() {}

  /** The type of a class, if it is one of these. */
  static Optional<ValueType> of(Class<?> type) {
    if (type.isEnum()) {
      return Optional.of(enumeration(type));
    }
    return Optional.ofNullable(
        switch (type.getName()) {
          case "java.lang.String" -> type("text", text -> text);
          case "int", "java.lang.Integer" ->
              whole(Integer.MIN_VALUE, Integer.MAX_VALUE, value -> (int) value);
          case "long", "java.lang.Long" ->
              whole(Long.MIN_VALUE, Long.MAX_VALUE, value -> (Long) value);
          case "short", "java.lang.Short" ->
              whole(Short.MIN_VALUE, Short.MAX_VALUE, value -> (short) value);
          case "boolean", "java.lang.Boolean" -> type("true or false", ScalarTypes::flag);
          case "double", "java.lang.Double" -> type("number", ScalarTypes::floating);
          case "java.math.BigDecimal" -> type("number", ScalarTypes::decimal);
          case "java.time.Duration" ->
              type("duration, such as 30s, 5m or 1h30m", ScalarTypes::duration);
          case "java.net.URI" -> type("URI", ScalarTypes::uri);
          case "io.fabric8.kubernetes.api.model.Quantity" ->
              type("quantity, such as 500m, 2Gi or 10M", ScalarTypes::quantity);
          default -> null;
        });
  }

  private static ValueType whole(long least, long most, LongFunction<Object> box) {
    return type(
        "whole number",
        text -> {
          BigInteger value;
          try {
            value = new BigInteger(number(text));
          } catch (NumberFormatException e) {
            throw new InvalidValueException("must be a whole number");
          }
          if (value.compareTo(BigInteger.valueOf(least)) < 0
              || value.compareTo(BigInteger.valueOf(most)) > 0) {
            throw new InvalidValueException(
                "must be a whole number between %d and %d".formatted(least, most));
          }
          return box.apply(value.longValueExact());
        });
  }

  private static Object flag(String text) throws InvalidValueException {
    return switch (text.strip().toLowerCase(Locale.ROOT)) {
      case "true", "on", "yes" -> true;
      case "false", "off", "no" -> false;
      default -> throw new InvalidValueException("must be true or false");
    };
  }

  private static Object floating(String text) throws InvalidValueException {
    double value = decimal(text).doubleValue();
    if (!Double.isFinite(value)) {
      throw new InvalidValueException("must be a smaller number");
    }
    return value;
  }

  private static BigDecimal decimal(String text) throws InvalidValueException {
    try {
      BigDecimal value = new BigDecimal(number(text));
      // A tiny text such as 1e999999999 may stand for a number with a billion digits.
      if (Math.abs((long) value.scale()) <= 1_000) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new InvalidValueException("must be a number, such as 0.5");
  }

  private static String number(String text) throws InvalidValueException {
    String number = text.strip();
    if (number.length() > LONGEST_NUMBER) {
      throw new InvalidValueException("must be a shorter number");
    }
    return number;
  }

  private static Object uri(String text) throws InvalidValueException {
    try {
      if (!text.isBlank()) {
        return new URI(text.strip());
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    throw new InvalidValueException("must be a URI, such as https://example.com/path");
  }

  private static Object quantity(String text) throws InvalidValueException {
    String quantity = text.strip();
    if (quantity.length() > LONGEST_NUMBER || !QUANTITY.matcher(quantity).matches()) {
      throw new InvalidValueException("must be a quantity, such as 500m, 2Gi or 10M");
    }
    return Quantity.parse(quantity);
  }

  private static Object duration(String text) throws InvalidValueException {
    String written = text.strip();
    try {
      if (written.toUpperCase(Locale.ROOT).matches("-?P.*")) {
        return Duration.parse(written);
      }
      if (written.equals("0")) {
        return Duration.ZERO;
      }
      boolean negative = written.startsWith("-");
      Duration sum = sum(negative ? written.substring(1) : written);
      return negative ? sum.negated() : sum;
    } catch (DateTimeParseException | ArithmeticException e) {
      throw new InvalidValueException("must be a duration, such as 30s, 5m or 1h30m");
    }
  }

  private static Duration sum(String parts) throws InvalidValueException {
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher matcher = DURATION_PART.matcher(parts);
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      BigDecimal amount = new BigDecimal(matcher.group(1));
      nanos = nanos.add(amount.multiply(NANOS.getOrDefault(matcher.group(2), BigDecimal.ONE)));
      end = matcher.end();
    }
    if (end == 0 || end != parts.length()) {
      throw new InvalidValueException("must be a duration, such as 30s, 5m or 1h30m");
    }
    BigInteger[] split = nanos.toBigInteger().divideAndRemainder(BigInteger.valueOf(1_000_000_000));
    return Duration.ofSeconds(split[0].longValueExact(), split[1].longValueExact());
  }

  private static ValueType enumeration(Class<?> type) {
    Map<String, Object> constants = new LinkedHashMap<>();
    for (Object constant : type.getEnumConstants()) {
      constants.put(word(((Enum<?>) constant).name()), constant);
    }
    String choice = choice(constants.keySet().toArray(String[]::new));
    return type(
        choice,
        text -> {
          Object constant = constants.get(word(text.strip()));
          if (constant == null) {
            throw new InvalidValueException("must be " + choice);
          }
          return constant;
        });
  }

  private static String word(String name) {
    return name.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String choice(String[] words) {
    if (words.length < 2) {
      return String.join("", words);
    }
    String[] first = Arrays.copyOf(words, words.length - 1);
    return String.join(", ", first) + " or " + words[words.length - 1];
  }

  private static ValueType type(String words, Reader reader) {
    return new ValueType() {
      @Override
      public String words() {
        return words;
      }

      @Override
      public Object read(String text) throws InvalidValueException {
        return reader.read(text);
      }
    };
  }

  /** Reads one value. */
  private interface Reader {
    Object read(String text) throws InvalidValueException;
  }
}
