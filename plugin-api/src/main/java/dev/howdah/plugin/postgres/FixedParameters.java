package dev.howdah.plugin.postgres;

import java.util.Locale;
import java.util.Set;

/**
 * PostgreSQL parameters that CloudNativePG fixes or keeps for itself. It refuses Clusters that set
 * them, and what else writes them is overwritten or breaks the instance.
 *
 * <p>The list is that of the operator's {@code FixedConfigurationParameters} (release 1.30), with
 * {@code allow_alter_system}, which it sets from {@code spec.postgresql.enableAlterSystem}, the
 * orders to read further files, and the prefix {@code cnpg.} of its own bookkeeping.
 */
public final class FixedParameters {

  private static final Set<String> NAMES =
      Set.of(
          "allow_alter_system",
          "allow_system_table_mods",
          "archive_cleanup_command",
          "archive_command",
          "archive_mode",
          "bonjour",
          "bonjour_name",
          "cluster_name",
          "config_file",
          "data_directory",
          "data_sync_retry",
          "event_source",
          "external_pid_file",
          "hba_file",
          "hot_standby",
          "ident_file",
          "include",
          "include_dir",
          "include_if_exists",
          "jit_provider",
          "listen_addresses",
          "log_destination",
          "log_directory",
          "log_file_mode",
          "log_filename",
          "log_rotation_age",
          "log_rotation_size",
          "log_truncate_on_rotation",
          "logging_collector",
          "pg_failover_slots.primary_dsn",
          "pg_failover_slots.standby_slot_names",
          "port",
          "primary_conninfo",
          "primary_slot_name",
          "promote_trigger_file",
          "recovery_end_command",
          "recovery_min_apply_delay",
          "recovery_target",
          "recovery_target_action",
          "recovery_target_inclusive",
          "recovery_target_lsn",
          "recovery_target_name",
          "recovery_target_time",
          "recovery_target_timeline",
          "recovery_target_xid",
          "restart_after_crash",
          "restore_command",
          "shared_preload_libraries",
          "ssl",
          "ssl_ca_file",
          "ssl_cert_file",
          "ssl_crl_file",
          "ssl_dh_params_file",
          "ssl_ecdh_curve",
          "ssl_key_file",
          "ssl_passphrase_command",
          "ssl_passphrase_command_supports_reload",
          "ssl_prefer_server_ciphers",
          "stats_temp_directory",
          "synchronized_standby_slots",
          "synchronous_standby_names",
          "syslog_facility",
          "syslog_ident",
          "syslog_sequence_numbers",
          "syslog_split_messages",
          "temp_tablespaces",
          "unix_socket_directories",
          "unix_socket_group",
          "unix_socket_permissions");

  private FixedParameters() {}

  /**
   * Whether CloudNativePG fixes a parameter.
   *
   * @param name the parameter's name, in any case
   */
  public static boolean contains(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return NAMES.contains(lower) || lower.startsWith("cnpg.");
  }

  /** The fixed names, without the prefix {@code cnpg.}; immutable. */
  public static Set<String> names() {
    return NAMES;
  }
}
