package dev.howdah.plugins.metrics;

import dev.howdah.plugin.Parameter;
import dev.howdah.plugins.metrics.catalogue.BuiltIn;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a Cluster tells the plugin in {@code spec.plugins[].parameters}.
 *
 * @param role whom to log in as
 * @param database where views of the whole server are read
 * @param databases which databases are looked into
 * @param socketDirectory where PostgreSQL's socket is
 * @param port the port in the socket's name
 * @param without groups that aren't collected
 * @param intervals how often groups are collected
 * @param queryTimeout how long a statement may take
 * @param top how many tables, indexes, sequences and statements are reported
 * @param longTransaction how long a transaction may be open
 * @param longIdle how long a session may be idle in a transaction
 * @param bloatFrom from which size on tables and indexes are looked at, in MiB
 * @param queryTextLength how much of a statement's text is a label
 * @param sidecar whether there are metrics of the sidecar itself
 * @param queries metrics by SQL
 */
public record MetricsParameters(
    @Parameter(
            defaultValue = "howdah_metrics",
            description = "The role to log in as; a member of pg_monitor.")
        @NotBlank
        String role,
    @Parameter(
            defaultValue = "postgres",
            description = "The database in which views of the whole server are read.")
        @NotBlank
        String database,
    @Parameter(
            description =
                "The databases whose tables, indexes and sequences are looked at; without it all"
                    + " that can be connected to.")
        List<String> databases,
    @Parameter(
            defaultValue = "/controller/run",
            description = "The directory of PostgreSQL's Unix socket.")
        @Pattern(regexp = "/[^\0]*", message = "must be an absolute path")
        String socketDirectory,
    @Parameter(defaultValue = "5432", description = "The port in the socket's name.")
        @Min(1)
        @Max(65535)
        int port,
    @Parameter(description = "Groups that aren't collected, such as bloat, statements.")
        List<BuiltIn> without,
    @Parameter(description = "How often groups are collected, such as bloat=2h, locks=30s.")
        List<@Pattern(regexp = INTERVAL, message = INTERVAL_MESSAGE) String> intervals,
    @Parameter(
            defaultValue = "5s",
            description = "How long a statement may take, from 100ms to 1m.")
        Duration queryTimeout,
    @Parameter(
            defaultValue = "10",
            description =
                "How many tables, indexes and sequences of each database, and how many statements,"
                    + " are reported.")
        @Min(1)
        @Max(100)
        int top,
    @Parameter(
            defaultValue = "5m",
            description = "How long a transaction may be open before it is counted as long.")
        Duration longTransaction,
    @Parameter(
            defaultValue = "1m",
            description = "How long a session may be idle in a transaction before it is counted.")
        Duration longIdle,
    @Parameter(
            defaultValue = "10",
            description = "From which size on tables and indexes are checked for bloat, in MiB.")
        @Min(0)
        @Max(1_048_576)
        int bloatFrom,
    @Parameter(
            defaultValue = "0",
            description =
                "How many characters of a statement's text are a label; 0 is none. Texts may hold"
                    + " personal data.")
        @Min(0)
        @Max(500)
        int queryTextLength,
    @Parameter(
            defaultValue = "true",
            description = "Whether there are metrics of the sidecar itself.")
        boolean sidecar,
    @Parameter(description = "Metrics by SQL: a list in YAML.") Optional<String> queries) {

  static final String INTERVAL =
      "(wraparound|locks|sessions|vacuum|slots|io|bloat|sequences|statements)=[0-9]{1,6}(s|m|h)";
  static final String INTERVAL_MESSAGE = "must be a group and a time, such as bloat=2h";

  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Duration LONGEST = Duration.ofMinutes(1);

  /** {@link #queryTimeout} within its bounds, also on a Cluster that nobody validated. */
  Duration statementLimit() {
    if (queryTimeout.compareTo(SHORTEST) < 0) {
      return SHORTEST;
    }
    return queryTimeout.compareTo(LONGEST) > 0 ? LONGEST : queryTimeout;
  }
}
