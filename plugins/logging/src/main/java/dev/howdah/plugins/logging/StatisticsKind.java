package dev.howdah.plugins.logging;

/** Which statements {@code pg_stat_statements} counts. */
public enum StatisticsKind {
  /** None; the extension isn't loaded. */
  OFF,
  /** Those that clients send. */
  TOP,
  /** Those, and those inside functions. */
  ALL
}
