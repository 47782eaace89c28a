package dev.howdah.plugins.logging;

/** Which statements are logged whatever they take: {@code log_statement}. */
public enum StatementKind {
  /** None. */
  NONE,
  /** Those that change definitions. */
  DDL,
  /** Those, and those that change data. */
  MOD,
  /** Every one. */
  ALL
}
