package dev.howdah.host.admission;

/** What was posted is no AdmissionReview that can be answered; the message says why. */
final class BadReview extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** For the metric: {@code json}, {@code version} or {@code request}. */
  private final String reason;

  BadReview(String reason, String message) {
    super(message);
    this.reason = reason;
  }

  String reason() {
    return reason;
  }
}
