package dev.howdah.host.admission;

import java.util.List;
import java.util.Optional;

/**
 * What is answered to a review.
 *
 * @param refusal why it is denied; empty if it is allowed
 * @param warnings lines shown to whoever made the request
 * @param patch a JSON patch in UTF-8; empty for none
 */
record Verdict(Optional<Refusal> refusal, List<String> warnings, byte[] patch) {

  private static final byte[] NO_PATCH = {};

  /**
   * Why a review is denied.
   *
   * @param code HTTP status code, as the API server shows it
   * @param reason Kubernetes' word for it, such as {@code Invalid}
   * @param outcome name of the status code, for the trail
   * @param message for whoever made the request
   * @param causes the fields that are wrong
   */
  record Refusal(int code, String reason, String outcome, String message, List<Cause> causes) {
    Refusal {
      causes = List.copyOf(causes);
    }

    /** The definition is wrong. */
    static Refusal invalid(String message, List<Cause> causes) {
      return new Refusal(422, "Invalid", "INVALID_ARGUMENT", message, causes);
    }

    /** Nobody can tell whether it is. */
    static Refusal unanswered(String outcome, String message) {
      return new Refusal(500, "InternalError", outcome, message, List.of());
    }

    boolean failure() {
      return code >= 500;
    }
  }

  /**
   * One field that is wrong.
   *
   * @param field its path, such as {@code spec.plugins[0].parameters.labels}
   * @param message what is wrong with it
   */
  record Cause(String field, String message) {}

  Verdict {
    warnings = List.copyOf(warnings);
  }

  static Verdict allowed() {
    return allowed(List.of());
  }

  static Verdict allowed(List<String> warnings) {
    return new Verdict(Optional.empty(), warnings, NO_PATCH);
  }

  static Verdict denied(Refusal refusal, List<String> warnings) {
    return new Verdict(Optional.of(refusal), warnings, NO_PATCH);
  }

  boolean isAllowed() {
    return refusal.isEmpty();
  }

  /** For the metric: {@code allowed}, {@code denied}, or {@code failed} if nobody could tell. */
  String outcome() {
    return refusal.map(it -> it.failure() ? "failed" : "denied").orElse("allowed");
  }
}
