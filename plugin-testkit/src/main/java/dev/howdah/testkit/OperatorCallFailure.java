package dev.howdah.testkit;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** A call was answered with an error, and the test didn't expect one. */
final class OperatorCallFailure extends AssertionError {

  private static final long serialVersionUID = 1L;

  private final transient Status status;

  OperatorCallFailure(OperatorCall call, StatusRuntimeException error) {
    super(
        "%s failed with %s: %s%nThe consequence: %s."
            .formatted(
                call.label(),
                error.getStatus().getCode(),
                error.getStatus().getDescription(),
                call.consequence()),
        error);
    this.status = error.getStatus();
  }

  Status status() {
    return status;
  }
}
