package dev.howdah.plugins.logging;

/** How much is told about an error: {@code log_error_verbosity}. */
public enum Verbosity {
  /** The message alone. */
  TERSE,
  /** With details, hint, context and query. */
  DEFAULT,
  /** With the place in PostgreSQL's source, too. */
  VERBOSE
}
