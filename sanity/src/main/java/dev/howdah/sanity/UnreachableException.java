package dev.howdah.sanity;

/** Nothing answered at the target, so that no check could be run. */
public final class UnreachableException extends Exception {
  private static final long serialVersionUID = 1L;

  /**
   * Names the target and what was tried.
   *
   * @param message for the person at the terminal
   * @param cause what the transport reported
   */
  public UnreachableException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * Names the target, where there is no cause to show.
   *
   * @param message for the person at the terminal
   */
  public UnreachableException(String message) {
    super(message);
  }
}
