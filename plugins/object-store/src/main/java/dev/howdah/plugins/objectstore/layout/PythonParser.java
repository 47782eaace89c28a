package dev.howdah.plugins.objectstore.layout;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one {@link PythonValue} from a text. For one use. */
final class PythonParser {

  private static final int DEEPEST = 32;

  private final String text;
  private int at;
  private int depth;

  PythonParser(String text) {
    this.text = text;
  }

  PythonValue parse() {
    PythonValue value = value();
    skipSpaces();
    if (at < text.length()) {
      throw wrong("nothing more");
    }
    return value;
  }

  private PythonValue value() {
    skipSpaces();
    return switch (peek()) {
      case '\'', '"' -> new PythonValue.Text(quoted());
      case '[' -> new PythonValue.Sequence(values(']'));
      case '(' -> new PythonValue.Tuple(values(')'));
      case '{' -> dictionary();
      default -> literal();
    };
  }

  private List<PythonValue> values(char end) {
    at++;
    enter();
    List<PythonValue> values = new ArrayList<>();
    while (!takes(end)) {
      values.add(value());
      if (!takes(',')) {
        expect(end);
        break;
      }
    }
    depth--;
    return values;
  }

  private PythonValue dictionary() {
    at++;
    enter();
    Map<String, PythonValue> values = new LinkedHashMap<>();
    while (!takes('}')) {
      skipSpaces();
      PythonValue key = value();
      expect(':');
      values.put(key instanceof PythonValue.Text word ? word.value() : key.toString(), value());
      if (!takes(',')) {
        expect('}');
        break;
      }
    }
    depth--;
    return new PythonValue.Dictionary(values);
  }

  private PythonValue literal() {
    int from = at;
    while (at < text.length() && isLiteral(text.charAt(at))) {
      at++;
    }
    String word = text.substring(from, at);
    if (word.isEmpty()) {
      throw wrong("a value");
    }
    return word.equals("None") ? new PythonValue.None() : new PythonValue.Literal(word);
  }

  private static boolean isLiteral(char c) {
    return c >= '0' && c <= '9'
        || c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c == '.'
        || c == '+'
        || c == '-'
        || c == '_';
  }

  private String quoted() {
    char quote = text.charAt(at++);
    StringBuilder value = new StringBuilder();
    while (true) {
      char c = take();
      if (c == quote) {
        return value.toString();
      }
      if (c != '\\') {
        value.append(c);
        continue;
      }
      char escaped = take();
      switch (escaped) {
        case 'n' -> value.append('\n');
        case 'r' -> value.append('\r');
        case 't' -> value.append('\t');
        case 'a' -> value.append('\u0007');
        case 'b' -> value.append('\b');
        case 'f' -> value.append('\f');
        case 'v' -> value.append('\u000b');
        case '\\', '\'', '"' -> value.append(escaped);
        case 'x' -> value.appendCodePoint(hexadecimal(2));
        case 'u' -> value.appendCodePoint(hexadecimal(4));
        case 'U' -> value.appendCodePoint(hexadecimal(8));
        default -> throw wrong("a known escape");
      }
    }
  }

  private int hexadecimal(int digits) {
    if (at + digits > text.length()) {
      throw wrong("hexadecimal digits");
    }
    try {
      int value = Integer.parseUnsignedInt(text.substring(at, at + digits), 16);
      at += digits;
      if (!Character.isValidCodePoint(value)) {
        throw wrong("a character's number");
      }
      return value;
    } catch (NumberFormatException e) {
      throw wrong("hexadecimal digits");
    }
  }

  private void enter() {
    if (++depth > DEEPEST) {
      throw wrong("fewer brackets");
    }
  }

  private boolean takes(char c) {
    skipSpaces();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char c) {
    if (!takes(c)) {
      throw wrong("'" + c + "'");
    }
  }

  private char take() {
    if (at >= text.length()) {
      throw wrong("more");
    }
    return text.charAt(at++);
  }

  private char peek() {
    if (at >= text.length()) {
      throw wrong("a value");
    }
    return text.charAt(at);
  }

  private void skipSpaces() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
  }

  private IllegalArgumentException wrong(String expected) {
    return new IllegalArgumentException(
        "expected %s at position %d of a value".formatted(expected, at + 1));
  }
}
