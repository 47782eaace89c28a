package dev.howdah.plugins.configuration.plan;

import java.util.Map;
import java.util.OptionalLong;

/**
 * Parameters of which a standby must have at least what its primary had: with less it doesn't
 * start. So no profile, policy or plugin lowers them, and none goes below what CloudNativePG starts
 * with.
 */
final class StandbySensitive {

  /** With what CloudNativePG starts: its own default, else PostgreSQL's. */
  private static final Map<String, Long> LOWEST =
      Map.of(
          "max_connections", 100L,
          "max_worker_processes", 32L,
          "max_wal_senders", 10L,
          "max_prepared_transactions", 0L,
          "max_locks_per_transaction", 64L);

  private StandbySensitive() {}

  /** The value below which a parameter must not go by itself; empty if it isn't one of them. */
  static OptionalLong lowest(String name) {
    Long lowest = LOWEST.get(name);
    return lowest == null ? OptionalLong.empty() : OptionalLong.of(lowest);
  }
}
