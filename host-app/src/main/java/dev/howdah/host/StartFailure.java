package dev.howdah.host;

import dev.howdah.host.config.WrongSetting;
import java.util.Optional;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.InvalidConfigurationPropertyValueException;
import org.springframework.boot.web.server.PortInUseException;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Why a host can't start, in the words of whoever has to mend it: what happened and what to do.
 *
 * <p>Most of it the host's own exceptions say; what is translated here comes from Spring and the
 * libraries below it, whose words are about beans.
 */
public final class StartFailure {

  private StartFailure() {}

  /**
   * Explains.
   *
   * @param failure what the start ended with
   * @return two sentences; empty if nobody foresaw it, so that its stack trace is worth reading
   */
  public static Optional<String> explain(Throwable failure) {
    // The outermost that has words: further in is what led to it, further out for whom it was.
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      Optional<String> words = words(cause);
      if (words.isPresent()) {
        return words;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> words(Throwable cause) {
    return switch (cause) {
      case BindException wrong -> Optional.of(WrongSetting.explain(wrong));
      case InvalidConfigurationPropertyValueException wrong ->
          Optional.of(
              "%s is '%s', which can't be used: %s. Correct it where it is set."
                  .formatted(wrong.getName(), wrong.getValue(), wrong.getReason()));
      case PortInUseException taken ->
          Optional.of(
              "Cannot listen for HTTP on port %d: it is in use. Stop whoever uses it, or choose another with --http-address (server.port)."
                  .formatted(taken.getPort()));
      case java.net.BindException refused ->
          Optional.of(
              "Cannot listen for HTTP: %s. Choose an address of this machine with --http-address (server.address)."
                  .formatted(refused.getMessage()));
      case MarkedYAMLException yaml -> Optional.of(words(yaml));
      default -> isOurs(cause) ? Optional.ofNullable(cause.getMessage()) : Optional.empty();
    };
  }

  private static String words(MarkedYAMLException yaml) {
    return "A configuration file isn't YAML: %s in line %d, column %d. Correct it there."
        .formatted(
            yaml.getProblem(),
            yaml.getProblemMark().getLine() + 1,
            yaml.getProblemMark().getColumn() + 1);
  }

  private static boolean isOurs(Throwable failure) {
    return failure.getClass().getName().startsWith("dev.howdah.");
  }
}
