package dev.howdah.host.audit;

/** The trail can't be opened or a record can't be kept; the message says why and what to do. */
public final class AuditException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes a failure.
   *
   * @param message what happened and what to do next
   */
  public AuditException(String message) {
    super(message);
  }

  /**
   * Makes a failure that has a cause.
   *
   * @param message what happened and what to do next
   * @param cause what led to it
   */
  public AuditException(String message, Throwable cause) {
    super(message, cause);
  }
}
