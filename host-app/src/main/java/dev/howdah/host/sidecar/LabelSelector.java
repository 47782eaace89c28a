package dev.howdah.host.sidecar;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A label selector in the notation of {@code kubectl -l}: {@code stage=test,tier in (a,
 * b),!legacy}. The empty one selects everything.
 */
final class LabelSelector {

  private static final String KEY = "([A-Za-z0-9][A-Za-z0-9_./-]*)";
  private static final Pattern SET = Pattern.compile(KEY + "\\s+(in|notin)\\s+\\(([^()]*)\\)");
  private static final Pattern EQUALITY =
      Pattern.compile(KEY + "\\s*(=|==|!=)\\s*([A-Za-z0-9_.-]*)");
  private static final Pattern EXISTENCE = Pattern.compile("(!?)\\s*" + KEY);

  /** One requirement; all of them have to be met. */
  private record Requirement(String key, boolean wanted, Set<String> values, boolean anyValue) {

    boolean met(Map<String, String> labels) {
      String value = labels.get(key);
      boolean has = value != null && (anyValue || values.contains(value));
      return has == wanted;
    }
  }

  private final List<Requirement> requirements;

  private LabelSelector(List<Requirement> requirements) {
    this.requirements = List.copyOf(requirements);
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if it isn't one; names the part that is wrong
   */
  static LabelSelector parse(String text) {
    List<Requirement> requirements = new ArrayList<>();
    for (String part : parts(text)) {
      requirements.add(requirement(part));
    }
    return new LabelSelector(requirements);
  }

  /** Splits at the commas outside of brackets. */
  private static List<String> parts(String text) {
    List<String> parts = new ArrayList<>();
    if (text.isBlank()) {
      return parts;
    }
    int begin = 0;
    int depth = 0;
    for (int at = 0; at < text.length(); at++) {
      switch (text.charAt(at)) {
        case '(' -> depth++;
        case ')' -> depth--;
        case ',' -> {
          if (depth == 0) {
            parts.add(text.substring(begin, at).strip());
            begin = at + 1;
          }
        }
        default -> {
          // A part of a name.
        }
      }
    }
    parts.add(text.substring(begin).strip());
    return parts;
  }

  private static Requirement requirement(String part) {
    Matcher set = SET.matcher(part);
    if (set.matches()) {
      Set<String> values = new TreeSet<>();
      for (String value : set.group(3).split(",", -1)) {
        values.add(value.strip());
      }
      return new Requirement(set.group(1), set.group(2).equals("in"), values, false);
    }
    Matcher equality = EQUALITY.matcher(part);
    if (equality.matches()) {
      return new Requirement(
          equality.group(1), !equality.group(2).equals("!="), Set.of(equality.group(3)), false);
    }
    Matcher existence = EXISTENCE.matcher(part);
    if (existence.matches()) {
      return new Requirement(existence.group(2), existence.group(1).isEmpty(), Set.of(), true);
    }
    throw new IllegalArgumentException(
        "'%s' is no label selector; write one as for kubectl -l, such as stage in (test, staging)."
            .formatted(part));
  }

  /** Whether an object with these labels is selected. */
  boolean selects(Map<String, String> labels) {
    return requirements.stream().allMatch(requirement -> requirement.met(labels));
  }
}
