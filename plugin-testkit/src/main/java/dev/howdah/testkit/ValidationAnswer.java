package dev.howdah.testkit;

import dev.howdah.plugin.admission.ValidationFinding;
import java.util.List;
import java.util.stream.Collectors;
import org.assertj.core.api.AbstractObjectAssert;

/** What the plugin found wrong with a Cluster's definition. */
public final class ValidationAnswer
    extends AbstractObjectAssert<ValidationAnswer, List<ValidationFinding>> {

  ValidationAnswer(List<ValidationFinding> actual) {
    super(actual, ValidationAnswer.class);
  }

  /** Nothing is wrong. */
  public ValidationAnswer accepts() {
    if (!actual.isEmpty()) {
      throw new AssertionError("The Cluster is refused:%n%s".formatted(findings()));
    }
    return this;
  }

  /**
   * The Cluster is refused.
   *
   * @param path end of the path that is named, such as {@code parameters.owner}
   * @param message part of the message
   */
  public ValidationAnswer refuses(String path, String message) {
    boolean found =
        actual.stream()
            .anyMatch(
                finding ->
                    String.join(".", finding.path()).endsWith(path)
                        && finding.message().contains(message));
    if (!found) {
      throw new AssertionError(
          "The Cluster isn't refused for '%s' with a message that has '%s'; %s"
              .formatted(
                  path,
                  message,
                  actual.isEmpty() ? "it is accepted." : "it is for:%n%s".formatted(findings())));
    }
    return this;
  }

  private String findings() {
    return actual.stream()
        .map(
            finding ->
                "  %s: %s (%s)"
                    .formatted(
                        String.join(".", finding.path()), finding.message(), finding.value()))
        .collect(Collectors.joining("\n"));
  }
}
