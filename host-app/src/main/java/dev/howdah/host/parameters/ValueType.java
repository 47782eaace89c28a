package dev.howdah.host.parameters;

/** Reads values of one type from text. Thread-safe. */
interface ValueType {

  /** What to write, in the user's words. */
  String words();

  /**
   * Reads a value.
   *
   * @throws InvalidValueException if the text isn't one; the message reads on from the parameter's
   *     name, such as {@code must be a whole number}
   */
  Object read(String text) throws InvalidValueException;
}
