package dev.howdah.host.listen;

import org.jspecify.annotations.Nullable;

/** The host cannot listen as configured; the message says what is in the way and what to do. */
public final class ListenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ListenException(String message) {
    super(message);
  }

  ListenException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
