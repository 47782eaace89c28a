package dev.howdah.plugins.objectstore.layout;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A value as Python prints it with {@code repr}, which is how {@code backup.info} holds everything
 * that isn't plain text.
 */
public sealed interface PythonValue {

  /** {@code None}. */
  record None() implements PythonValue {
    @Override
    public String toString() {
      return "None";
    }
  }

  /** A text. */
  record Text(String value) implements PythonValue {
    @Override
    public String toString() {
      return quoted(value);
    }
  }

  /** A number or truth value, as it is written. */
  record Literal(String value) implements PythonValue {
    @Override
    public String toString() {
      return value;
    }
  }

  /** {@code [...]}. */
  record Sequence(List<PythonValue> values) implements PythonValue {
    /** Copies the list. */
    public Sequence {
      values = List.copyOf(values);
    }

    @Override
    public String toString() {
      return "[" + joined(values) + "]";
    }
  }

  /** {@code (...)}. */
  record Tuple(List<PythonValue> values) implements PythonValue {
    /** Copies the list. */
    public Tuple {
      values = List.copyOf(values);
    }

    @Override
    public String toString() {
      return "(" + joined(values) + (values.size() == 1 ? "," : "") + ")";
    }
  }

  /** {@code {...}} with texts as keys, in the order written. */
  record Dictionary(Map<String, PythonValue> values) implements PythonValue {
    /** Copies the map. */
    public Dictionary {
      values = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    @Override
    public String toString() {
      List<String> entries = new ArrayList<>();
      values.forEach((key, value) -> entries.add(quoted(key) + ": " + value));
      return "{" + String.join(", ", entries) + "}";
    }
  }

  /**
   * Reads a value.
   *
   * @throws IllegalArgumentException if it isn't one
   */
  static PythonValue parse(String text) {
    return new PythonParser(text).parse();
  }

  private static String joined(List<PythonValue> values) {
    return String.join(", ", values.stream().map(PythonValue::toString).toList());
  }

  private static String quoted(String value) {
    char quote = value.indexOf('\'') >= 0 && value.indexOf('"') < 0 ? '"' : '\'';
    StringBuilder text = new StringBuilder().append(quote);
    value
        .codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case '\\' -> text.append("\\\\");
                default -> {
                  if (c == quote) {
                    text.append('\\').append(quote);
                  } else if (c < 0x20 || c == 0x7f) {
                    text.append("\\x%02x".formatted(c));
                  } else if (isPrintable(c)) {
                    text.appendCodePoint(c);
                  } else if (c <= 0xff) {
                    text.append("\\x%02x".formatted(c));
                  } else if (c <= 0xffff) {
                    text.append("\\u%04x".formatted(c));
                  } else {
                    text.append("\\U%08x".formatted(c));
                  }
                }
              }
            });
    return text.append(quote).toString();
  }

  private static boolean isPrintable(int c) {
    if (c == ' ') {
      return true;
    }
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SPACE_SEPARATOR ->
          false;
      default -> true;
    };
  }
}
