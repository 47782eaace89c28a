package dev.howdah.host.admission;

import dev.howdah.plugin.admission.ValidationFinding;
import java.util.List;

/** Puts findings into words as Kubernetes does. */
final class Messages {

  private static final int LONGEST_VALUE = 120;
  private static final int LONGEST_LINE = 1_000;

  private Messages() {}

  static String error(String plugin, ValidationFinding finding) {
    return clean(
        "%s: %s%s (%s)"
            .formatted(
                FieldPath.shown(finding.path()),
                finding.value().isEmpty()
                    ? ""
                    : "Invalid value: \"%s\": ".formatted(cut(finding.value(), LONGEST_VALUE)),
                finding.message(),
                plugin));
  }

  static String warning(String plugin, ValidationFinding finding) {
    return clean(
        "%s: %s (%s)".formatted(FieldPath.shown(finding.path()), finding.message(), plugin));
  }

  /** One as it is, several in brackets. */
  static String all(List<String> errors) {
    return errors.size() == 1 ? errors.getFirst() : "[" + String.join(", ", errors) + "]";
  }

  /** Without the full stop at its end. */
  static String sentence(String text) {
    return text.endsWith(".") ? text.substring(0, text.length() - 1) : text;
  }

  /** A warning travels in an HTTP header. */
  private static String clean(String text) {
    return cut(text.replaceAll("\\s+", " ").replaceAll("\\p{Cntrl}", "?"), LONGEST_LINE);
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : text.substring(0, longest) + "...";
  }
}
