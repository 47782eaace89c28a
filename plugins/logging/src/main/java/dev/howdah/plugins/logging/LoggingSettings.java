package dev.howdah.plugins.logging;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.FixedParameters;
import dev.howdah.plugin.postgres.SpecParameters;
import dev.howdah.plugin.postgres.SpecParameters.Origin;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * From the parameters of a Cluster to PostgreSQL's: the user's own entry, then the preset of a
 * verbose window, then single settings, then the preset. A function of the Cluster and the time.
 */
final class LoggingSettings {

  private final LoggingParameters parameters;
  private final SortedMap<String, EffectiveSetting> settings = new TreeMap<>();

  private LoggingSettings(LoggingParameters parameters) {
    this.parameters = parameters;
  }

  /**
   * What is in effect at a time.
   *
   * @param now empty to leave the verbose window out
   */
  static Collection<EffectiveSetting> effective(
      Cluster cluster, LoggingParameters parameters, Optional<Instant> now) {
    LoggingSettings made = new LoggingSettings(parameters);
    parameters.preset().ifPresent(preset -> made.preset(preset, "preset " + lower(preset)));
    made.statements();
    made.events();
    made.explain();
    made.statistics();
    if (now.isPresent() && windowOpen(parameters, now.get())) {
      made.preset(
          parameters.verbosePreset(),
          "until %s: preset %s"
              .formatted(parameters.verboseUntil().orElse(""), lower(parameters.verbosePreset())));
    }
    made.yieldToUser(SpecParameters.of(cluster).of(Origin.USER));
    return made.settings.values();
  }

  /** What the plugin wants: all in effect that neither the user set nor CloudNativePG fixes. */
  static SortedMap<String, String> desired(Collection<EffectiveSetting> effective) {
    SortedMap<String, String> desired = new TreeMap<>();
    effective.stream()
        .filter(setting -> !setting.byUser() && !FixedParameters.contains(setting.name()))
        .forEach(setting -> desired.put(setting.name(), setting.value()));
    return desired;
  }

  /**
   * The end of the verbose window.
   *
   * @throws IllegalArgumentException if it isn't a time; the message says what one looks like
   */
  static Optional<Instant> windowEnd(LoggingParameters parameters) {
    try {
      return parameters.verboseUntil().map(text -> OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeException e) {
      throw new IllegalArgumentException(
          "verboseUntil must be a time with an offset, such as 2026-01-31T22:00:00Z.", e);
    }
  }

  private static boolean windowOpen(LoggingParameters parameters, Instant now) {
    return windowEnd(parameters).map(now::isBefore).orElse(false);
  }

  private void preset(Preset preset, String source) {
    preset.settings().forEach((name, value) -> put(name, value, source));
  }

  private void statements() {
    parameters
        .slowQueries()
        .ifPresent(time -> threshold("log_min_duration_statement", time, "slowQueries"));
    parameters
        .sampledQueries()
        .ifPresent(time -> threshold("log_min_duration_sample", time, "sampledQueries"));
    parameters
        .sampleRate()
        .ifPresent(rate -> single("log_statement_sample_rate", share(rate), "sampleRate"));
    parameters
        .transactionSampleRate()
        .ifPresent(
            rate -> single("log_transaction_sample_rate", share(rate), "transactionSampleRate"));
    parameters.statements().ifPresent(kind -> single("log_statement", lower(kind), "statements"));
    parameters
        .parameterLength()
        .ifPresent(
            length ->
                single("log_parameter_max_length", Integer.toString(length), "parameterLength"));
    parameters
        .errorVerbosity()
        .ifPresent(much -> single("log_error_verbosity", lower(much), "errorVerbosity"));
  }

  private void events() {
    flag(parameters.connections(), "log_connections", "connections");
    flag(parameters.connections(), "log_disconnections", "connections");
    flag(parameters.lockWaits(), "log_lock_waits", "lockWaits");
    flag(parameters.recoveryConflicts(), "log_recovery_conflict_waits", "recoveryConflicts");
    flag(parameters.checkpoints(), "log_checkpoints", "checkpoints");
    flag(parameters.replicationCommands(), "log_replication_commands", "replicationCommands");
    parameters
        .autovacuum()
        .ifPresent(time -> threshold("log_autovacuum_min_duration", time, "autovacuum"));
    parameters
        .temporaryFiles()
        .ifPresent(size -> threshold("log_temp_files", size, "temporaryFiles"));
  }

  /** CloudNativePG preloads the library when it sees any key of it, so off means no key at all. */
  private void explain() {
    Optional<String> from = parameters.explainFrom().filter(time -> !time.equals("off"));
    if (from.isEmpty()) {
      return;
    }
    threshold("auto_explain.log_min_duration", from.get(), "explainFrom");
    single("auto_explain.log_analyze", onOff(parameters.explainAnalyze()), "explainAnalyze");
    single("auto_explain.log_buffers", onOff(parameters.explainAnalyze()), "explainAnalyze");
    single("auto_explain.sample_rate", share(parameters.explainSampleRate()), "explainSampleRate");
  }

  /** As for auto_explain: any key loads the extension, and creates it in every database. */
  private void statistics() {
    Optional<StatisticsKind> kind =
        parameters.statementStatistics().filter(wanted -> wanted != StatisticsKind.OFF);
    if (kind.isEmpty()) {
      return;
    }
    single("pg_stat_statements.track", lower(kind.get()), "statementStatistics");
    parameters
        .statementStatisticsMax()
        .ifPresent(
            most ->
                single("pg_stat_statements.max", Integer.toString(most), "statementStatisticsMax"));
  }

  private void flag(Optional<Boolean> wanted, String name, String parameter) {
    wanted.ifPresent(on -> single(name, onOff(on), parameter));
  }

  /** A time or size from which on something is logged; PostgreSQL has numbers for the extremes. */
  private void threshold(String name, String value, String parameter) {
    String written =
        switch (value) {
          case "off" -> "-1";
          case "all" -> "0";
          default -> value;
        };
    single(name, written, parameter);
  }

  private void single(String name, String value, String parameter) {
    put(name, value, "parameter " + parameter);
  }

  private void put(String name, String value, String source) {
    settings.put(name, new EffectiveSetting(name, value, source, false));
  }

  private void yieldToUser(Map<String, String> users) {
    settings.replaceAll(
        (name, setting) -> {
          String own = users.get(name);
          return own == null ? setting : new EffectiveSetting(name, own, "user", true);
        });
  }

  private static String onOff(boolean on) {
    return on ? "on" : "off";
  }

  /** Without an exponent, and 1 rather than 1.0: the same text whatever the locale. */
  private static String share(double rate) {
    return BigDecimal.valueOf(rate).stripTrailingZeros().toPlainString();
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
