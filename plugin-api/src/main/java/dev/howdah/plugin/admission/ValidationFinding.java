package dev.howdah.plugin.admission;

import java.util.List;

/**
 * Something that is wrong, or at least doubtful, with a Cluster's definition.
 *
 * @param severity whether it forbids the definition
 * @param path where, from the Cluster's root, such as {@code spec, plugins, 0, parameters, labels};
 *     never empty, since an empty path would crash the operator
 * @param value what stands there, as text; may be empty
 * @param message what is wrong and what to write instead
 */
public record ValidationFinding(
    Severity severity, List<String> path, String value, String message) {

  /** Whether a finding forbids the definition. */
  public enum Severity {
    /** Refuses the definition. */
    ERROR,
    /**
     * Lets it through; shown to the user where the door allows it (admission webhooks; the gRPC
     * services can't).
     */
    WARNING
  }

  /**
   * Checks path and message.
   *
   * @throws IllegalArgumentException if either is empty
   */
  public ValidationFinding {
    path = List.copyOf(path);
    if (path.isEmpty()) {
      throw new IllegalArgumentException("A validation finding needs a path.");
    }
    if (message.isBlank()) {
      throw new IllegalArgumentException("A validation finding needs a message.");
    }
  }

  /** A finding that forbids the definition. */
  public static ValidationFinding error(List<String> path, String value, String message) {
    return new ValidationFinding(Severity.ERROR, path, value, message);
  }

  /** A finding that only warns. */
  public static ValidationFinding warning(List<String> path, String value, String message) {
    return new ValidationFinding(Severity.WARNING, path, value, message);
  }
}
