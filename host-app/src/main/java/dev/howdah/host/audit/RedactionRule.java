package dev.howdah.host.audit;

import java.util.ArrayList;
import java.util.List;

/**
 * Says what becomes of the values at one place of a payload.
 *
 * @param pointer RFC 6901 pointer from the payload's root, in which a step {@code *} stands for any
 *     one step; the value there and all below it are meant
 * @param action what becomes of them
 */
public record RedactionRule(String pointer, Action action) {

  /** What becomes of a value. */
  public enum Action {
    /** It is replaced by a mark. */
    REMOVE,
    /**
     * It is replaced by a keyed digest, so that equal values can be told from different ones and
     * nothing else. The key is derived from the signing key.
     */
    HASH,
    /** It is kept though the built-in rules would remove it. The data of Secrets never is. */
    KEEP
  }

  /**
   * Checks the pointer.
   *
   * @throws IllegalArgumentException if it isn't a JSON pointer
   */
  public RedactionRule {
    if (!pointer.startsWith("/")) {
      throw new IllegalArgumentException(
          "The redaction pointer '%s' doesn't begin with '/'; an example is '/spec/env/*/value'."
              .formatted(pointer));
    }
  }

  boolean matches(List<String> path) {
    List<String> steps = steps();
    if (steps.size() > path.size()) {
      return false;
    }
    for (int i = 0; i < steps.size(); i++) {
      if (!steps.get(i).equals("*") && !steps.get(i).equals(path.get(i))) {
        return false;
      }
    }
    return true;
  }

  private List<String> steps() {
    List<String> steps = new ArrayList<>();
    for (String step : pointer.substring(1).split("/", -1)) {
      steps.add(step.replace("~1", "/").replace("~0", "~"));
    }
    return steps;
  }
}
