package dev.howdah.host.listen;

import java.io.IOException;

/** Says why an address could not be bound: gRPC wraps the system's reason. */
final class Bind {
  private Bind() {}

  static String problem(IOException failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return String.valueOf(cause.getMessage());
  }
}
