package dev.howdah.plugins.logging;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much PostgreSQL logs. Each sets the same parameters, so that changing from one to another
 * leaves nothing behind, and none of them needs a restart.
 */
public enum Preset {
  /** Errors, and nothing about what goes well. */
  QUIET(
      Map.ofEntries(
          Map.entry("log_min_duration_statement", "-1"),
          Map.entry("log_min_duration_sample", "-1"),
          Map.entry("log_statement_sample_rate", "1"),
          Map.entry("log_transaction_sample_rate", "0"),
          Map.entry("log_statement", "none"),
          Map.entry("log_parameter_max_length", "0"),
          Map.entry("log_connections", "off"),
          Map.entry("log_disconnections", "off"),
          Map.entry("log_lock_waits", "off"),
          Map.entry("log_recovery_conflict_waits", "off"),
          Map.entry("log_checkpoints", "off"),
          Map.entry("log_autovacuum_min_duration", "-1"),
          Map.entry("log_temp_files", "-1"),
          Map.entry("log_replication_commands", "off"),
          Map.entry("log_error_verbosity", "default"))),
  /** What an administrator wants to find the next morning. */
  STANDARD(
      Map.ofEntries(
          Map.entry("log_min_duration_statement", "1s"),
          Map.entry("log_min_duration_sample", "-1"),
          Map.entry("log_statement_sample_rate", "1"),
          Map.entry("log_transaction_sample_rate", "0"),
          Map.entry("log_statement", "ddl"),
          Map.entry("log_parameter_max_length", "1024"),
          Map.entry("log_connections", "off"),
          Map.entry("log_disconnections", "off"),
          Map.entry("log_lock_waits", "on"),
          Map.entry("log_recovery_conflict_waits", "on"),
          Map.entry("log_checkpoints", "on"),
          Map.entry("log_autovacuum_min_duration", "10min"),
          Map.entry("log_temp_files", "10MB"),
          Map.entry("log_replication_commands", "off"),
          Map.entry("log_error_verbosity", "default"))),
  /** Who connects, and a sample of what is merely slowish. */
  VERBOSE(
      Map.ofEntries(
          Map.entry("log_min_duration_statement", "250ms"),
          Map.entry("log_min_duration_sample", "100ms"),
          Map.entry("log_statement_sample_rate", "0.1"),
          Map.entry("log_transaction_sample_rate", "0"),
          Map.entry("log_statement", "ddl"),
          Map.entry("log_parameter_max_length", "4096"),
          Map.entry("log_connections", "on"),
          Map.entry("log_disconnections", "on"),
          Map.entry("log_lock_waits", "on"),
          Map.entry("log_recovery_conflict_waits", "on"),
          Map.entry("log_checkpoints", "on"),
          Map.entry("log_autovacuum_min_duration", "1min"),
          Map.entry("log_temp_files", "1MB"),
          Map.entry("log_replication_commands", "on"),
          Map.entry("log_error_verbosity", "default"))),
  /** Nearly everything; for hours, not for weeks. */
  TROUBLESHOOTING(
      Map.ofEntries(
          Map.entry("log_min_duration_statement", "50ms"),
          Map.entry("log_min_duration_sample", "10ms"),
          Map.entry("log_statement_sample_rate", "0.25"),
          Map.entry("log_transaction_sample_rate", "0.01"),
          Map.entry("log_statement", "mod"),
          Map.entry("log_parameter_max_length", "-1"),
          Map.entry("log_connections", "on"),
          Map.entry("log_disconnections", "on"),
          Map.entry("log_lock_waits", "on"),
          Map.entry("log_recovery_conflict_waits", "on"),
          Map.entry("log_checkpoints", "on"),
          Map.entry("log_autovacuum_min_duration", "0"),
          Map.entry("log_temp_files", "0"),
          Map.entry("log_replication_commands", "on"),
          Map.entry("log_error_verbosity", "verbose")));

  private final SortedMap<String, String> settings;

  Preset(Map<String, String> settings) {
    this.settings = Collections.unmodifiableSortedMap(new TreeMap<>(settings));
  }

  /** PostgreSQL parameters and values, by name. */
  public SortedMap<String, String> settings() {
    return settings;
  }
}
