package dev.howdah.testkit;

import io.grpc.Status;
import org.assertj.core.api.AbstractObjectAssert;
import org.assertj.core.api.Assertions;

/** The error that the operator got. */
public final class FailureAnswer extends AbstractObjectAssert<FailureAnswer, Status> {

  private FailureAnswer(Status actual) {
    super(actual, FailureAnswer.class);
  }

  /** Makes a call twice: an error's text must be as stable as an answer. */
  static FailureAnswer of(Runnable call) {
    Status first = failure(call);
    Status second = failure(call);
    if (!message(first).equals(message(second))) {
      throw new AssertionError(
          "The error's text changes: first '%s', then '%s'. The consequence: the operator writes it into the Cluster's status, and each change starts the next loop at once."
              .formatted(message(first), message(second)));
    }
    return new FailureAnswer(first);
  }

  private static Status failure(Runnable call) {
    try {
      call.run();
    } catch (OperatorCallFailure expected) {
      return expected.status();
    }
    throw new AssertionError("The call succeeded, though an error was expected.");
  }

  /** The error has this gRPC code; the operator itself looks at none. */
  public FailureAnswer withCode(Status.Code code) {
    Assertions.assertThat(actual.getCode()).as("code of '%s'", message(actual)).isEqualTo(code);
    return this;
  }

  /** The error's text, which users read in the Cluster's status, has these words. */
  public FailureAnswer withMessageContaining(String text) {
    Assertions.assertThat(message(actual)).as("the error's text").contains(text);
    return this;
  }

  private static String message(Status status) {
    String description = status.getDescription();
    return description == null ? "" : description;
  }
}
