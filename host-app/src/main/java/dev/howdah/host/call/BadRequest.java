package dev.howdah.host.call;

/**
 * The caller sent something that can't be understood. It is the caller's to mend, so no fail policy
 * turns it into an answer.
 */
public final class BadRequest extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** Says what is wrong with the request, stably. */
  public BadRequest(String message) {
    super(message);
  }

  /** Says what is wrong with the request, with the cause for the log. */
  public BadRequest(String message, Throwable cause) {
    super(message, cause);
  }
}
