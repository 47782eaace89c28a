package dev.howdah.host.listen;

import org.jspecify.annotations.Nullable;

/** Certificate files that cannot be used as they are; the message names the file. */
final class TlsFileException extends Exception {
  private static final long serialVersionUID = 1L;

  TlsFileException(String message) {
    super(message);
  }

  TlsFileException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
