package dev.howdah.host.parameters;

import java.util.Optional;

/**
 * Something that is wrong with parameters.
 *
 * @param parameter which one; empty if it is about all of them together
 * @param value what was written, or held by default
 * @param message what is wrong, reading on from the parameter's name
 */
record Problem(Optional<String> parameter, String value, String message) {

  static Problem of(String parameter, String value, String message) {
    return new Problem(Optional.of(parameter), value, message);
  }

  static Problem ofAll(String message) {
    return new Problem(Optional.empty(), "", message);
  }
}
