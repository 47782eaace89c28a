package dev.howdah.sanity.check;

import com.google.protobuf.MessageOrBuilder;
import com.google.protobuf.TextFormat;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Short forms of what was seen, for findings. */
final class Texts {
  private static final int LIMIT = 200;
  private static final List<Pattern> SECRETS =
      List.of(
          Pattern.compile(
              "(?i)(password|passwd|secret_?(access)?_?key|access_?token)\\W{1,4}[^\\s'\"]{4,}"),
          Pattern.compile("AKIA[0-9A-Z]{16}"),
          Pattern.compile("-----BEGIN [A-Z ]*PRIVATE KEY"));

  private Texts() {}

  static String oneLine(MessageOrBuilder message) {
    return shorten(TextFormat.printer().emittingSingleLine(true).printToString(message));
  }

  static String shorten(String text) {
    return text.length() <= LIMIT ? text : text.substring(0, LIMIT) + "…";
  }

  static boolean holdsSecret(String text) {
    return SECRETS.stream().anyMatch(pattern -> pattern.matcher(text).find());
  }

  /** Where two values differ first, as a JSON pointer, with both sides. */
  static String difference(JsonNode before, JsonNode after) {
    return difference("", before, after);
  }

  private static String difference(String path, JsonNode before, JsonNode after) {
    if (before.isObject() && after.isObject()) {
      for (String name : before.propertyNames()) {
        if (!before.get(name).equals(after.get(name))) {
          return after.has(name)
              ? difference(path + "/" + name, before.get(name), after.get(name))
              : path + "/" + name + " is gone";
        }
      }
      for (String name : after.propertyNames()) {
        if (!before.has(name)) {
          return path + "/" + name + " is new";
        }
      }
    }
    if (before.isArray() && after.isArray() && before.size() == after.size()) {
      for (int i = 0; i < before.size(); i++) {
        if (!before.get(i).equals(after.get(i))) {
          return difference(path + "/" + i, before.get(i), after.get(i));
        }
      }
    }
    return path + ": " + shorten(before.toString()) + " became " + shorten(after.toString());
  }
}
