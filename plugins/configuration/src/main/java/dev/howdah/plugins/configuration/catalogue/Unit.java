package dev.howdah.plugins.configuration.catalogue;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The unit that a parameter counts in, such as {@code 8kB} or {@code ms}, with what PostgreSQL lets
 * users write instead.
 *
 * @param base the unit as {@code pg_settings} spells it
 * @param memory whether it measures memory, else time
 * @param size how many bytes or microseconds it is
 */
record Unit(String base, boolean memory, BigDecimal size) {

  /** Spelled as PostgreSQL wants them: case matters. */
  private static final Map<String, BigDecimal> MEMORY = new LinkedHashMap<>();

  private static final Map<String, BigDecimal> TIME = new LinkedHashMap<>();
  private static final Pattern BASE = Pattern.compile("(\\d*)([a-zA-Z]+)");

  static {
    MEMORY.put("B", BigDecimal.ONE);
    MEMORY.put("kB", BigDecimal.valueOf(1L << 10));
    MEMORY.put("MB", BigDecimal.valueOf(1L << 20));
    MEMORY.put("GB", BigDecimal.valueOf(1L << 30));
    MEMORY.put("TB", BigDecimal.valueOf(1L << 40));
    TIME.put("us", BigDecimal.ONE);
    TIME.put("ms", BigDecimal.valueOf(1_000));
    TIME.put("s", BigDecimal.valueOf(1_000_000));
    TIME.put("min", BigDecimal.valueOf(60_000_000));
    TIME.put("h", BigDecimal.valueOf(3_600_000_000L));
    TIME.put("d", BigDecimal.valueOf(86_400_000_000L));
  }

  static Unit parse(String base) {
    Matcher matcher = BASE.matcher(base);
    if (matcher.matches()) {
      String name = matcher.group(2);
      BigDecimal times =
          matcher.group(1).isEmpty() ? BigDecimal.ONE : new BigDecimal(matcher.group(1));
      BigDecimal memory = MEMORY.get(name);
      BigDecimal size = memory == null ? TIME.get(name) : memory;
      if (size != null) {
        return new Unit(base, memory != null, size.multiply(times));
      }
    }
    throw new IllegalArgumentException("'%s' is not a unit of pg_settings.".formatted(base));
  }

  /** How many of this unit one of the named unit is, if it measures the same. */
  Optional<BigDecimal> factor(String name) {
    return Optional.ofNullable((memory ? MEMORY : TIME).get(name))
        .map(bytes -> bytes.divide(size, MathContext.DECIMAL128));
  }

  /** The units that users can write, for messages. */
  String accepted() {
    return String.join(", ", (memory ? MEMORY : TIME).keySet());
  }
}
