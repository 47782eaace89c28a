package dev.howdah.sanity.driver;

/** A check can't be decided here, for a reason that is not its own subject. */
public final class UndecidedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Says why.
   *
   * @param reason for the report
   */
  public UndecidedException(String reason) {
    super(reason);
  }
}
