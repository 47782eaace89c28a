package dev.howdah.host.parameters;

/** A text isn't a value of a parameter's type. The message ends a sentence on the parameter. */
final class InvalidValueException extends Exception {

  private static final long serialVersionUID = 1L;

  InvalidValueException(String message) {
    super(message, null, false, false);
  }
}
