package dev.howdah.host.config;

/**
 * A setting that the host can't start with. The message is for whoever set it: it names the key and
 * says what to do, and stands alone, without a stack trace.
 */
public final class ConfigurationException extends IllegalArgumentException {

  private static final long serialVersionUID = 1L;

  /**
   * Makes a failure.
   *
   * @param message what is wrong and what to do next
   */
  public ConfigurationException(String message) {
    super(message);
  }

  /**
   * Makes a failure that has a cause.
   *
   * @param message what is wrong and what to do next
   * @param cause what led to it
   */
  public ConfigurationException(String message, Throwable cause) {
    super(message, cause);
  }
}
