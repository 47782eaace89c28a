package dev.howdah.host.parameters;

import java.util.Optional;

/**
 * Something that is wrong with parameters.
 *
 * @param parameter which one; empty if it is about all of them together
 * @param value what was written, or held by default
 * @param message what is wrong, reading on from the parameter's name
 */
record ParameterProblem(Optional<String> parameter, String value, String message) {

  static ParameterProblem of(String parameter, String value, String message) {
    return new ParameterProblem(Optional.of(parameter), value, message);
  }

  static ParameterProblem ofAll(String message) {
    return new ParameterProblem(Optional.empty(), "", message);
  }
}
