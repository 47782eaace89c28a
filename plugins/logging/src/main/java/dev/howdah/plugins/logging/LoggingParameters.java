package dev.howdah.plugins.logging;

import dev.howdah.plugin.Parameter;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.util.Optional;

/**
 * What a Cluster tells the plugin in {@code spec.plugins[].parameters}. Times and sizes are written
 * as PostgreSQL writes them ({@code 250ms}, {@code 10MB}); {@code off} and {@code all} stand for
 * its -1 and 0. A single setting goes before the preset.
 *
 * @param preset how much is logged
 * @param verboseUntil until when more is logged
 * @param verbosePreset how much is logged until then
 * @param slowQueries from which duration on a statement is logged
 * @param sampledQueries from which duration on a share of the statements is logged
 * @param sampleRate that share
 * @param transactionSampleRate the share of transactions of which every statement is logged
 * @param statements which statements are logged whatever they take
 * @param parameterLength how much of each bound parameter is logged, in bytes
 * @param connections whether connections and disconnections are logged
 * @param lockWaits whether waits for locks longer than {@code deadlock_timeout} are logged
 * @param recoveryConflicts whether a standby logs that replay waits for queries
 * @param checkpoints whether checkpoints are logged
 * @param autovacuum from which duration on runs of autovacuum are logged
 * @param temporaryFiles from which size on temporary files are logged
 * @param replicationCommands whether replication commands are logged
 * @param errorVerbosity how much is told about errors
 * @param explainFrom from which duration on the plan of a statement is logged by auto_explain
 * @param explainAnalyze whether these plans hold actual times and buffers
 * @param explainSampleRate the share of statements that auto_explain looks at
 * @param statementStatistics which statements pg_stat_statements counts
 * @param statementStatisticsMax how many different ones it keeps
 */
public record LoggingParameters(
    @Parameter(
            description =
                "How much is logged: quiet, standard, verbose or troubleshooting. Without it only"
                    + " the single settings count.")
        Optional<Preset> preset,
    @Parameter(
            description =
                "Logs more until this time, such as 2026-01-31T22:00:00Z; afterwards the rest holds"
                    + " again.")
        Optional<String> verboseUntil,
    @Parameter(defaultValue = "verbose", description = "The preset that holds until verboseUntil.")
        Preset verbosePreset,
    @Parameter(description = "From which duration on a statement is logged: off, all or 250ms.")
        Optional<@Pattern(regexp = TIME, message = TIME_MESSAGE) String> slowQueries,
    @Parameter(
            description =
                "From which duration on a share of the statements is logged: off, all or 100ms.")
        Optional<@Pattern(regexp = TIME, message = TIME_MESSAGE) String> sampledQueries,
    @Parameter(description = "That share, from 0 to 1.")
        Optional<@DecimalMin("0") @DecimalMax("1") Double> sampleRate,
    @Parameter(
            description = "The share of transactions of which every statement is logged, 0 to 1.")
        Optional<@DecimalMin("0") @DecimalMax("1") Double> transactionSampleRate,
    @Parameter(
            description = "Which statements are logged whatever they take: none, ddl, mod or all.")
        Optional<StatementKind> statements,
    @Parameter(
            description = "How much of each bound parameter is logged, in bytes; -1 is all of it.")
        Optional<@Min(-1) @Max(1_073_741_823) Integer> parameterLength,
    @Parameter(description = "Whether connections and disconnections are logged.")
        Optional<Boolean> connections,
    @Parameter(description = "Whether waits for locks longer than deadlock_timeout are logged.")
        Optional<Boolean> lockWaits,
    @Parameter(description = "Whether a standby logs that replay waits for queries.")
        Optional<Boolean> recoveryConflicts,
    @Parameter(description = "Whether checkpoints are logged.") Optional<Boolean> checkpoints,
    @Parameter(
            description = "From which duration on runs of autovacuum are logged: off, all or 1min.")
        Optional<@Pattern(regexp = TIME, message = TIME_MESSAGE) String> autovacuum,
    @Parameter(description = "From which size on temporary files are logged: off, all or 10MB.")
        Optional<@Pattern(regexp = SIZE, message = SIZE_MESSAGE) String> temporaryFiles,
    @Parameter(description = "Whether replication commands are logged.")
        Optional<Boolean> replicationCommands,
    @Parameter(description = "How much is told about errors: terse, default or verbose.")
        Optional<Verbosity> errorVerbosity,
    @Parameter(
            description =
                "From which duration on the plan of a statement is logged: off, all or 5s. Turning"
                    + " it on or off restarts the instances.")
        Optional<@Pattern(regexp = TIME, message = TIME_MESSAGE) String> explainFrom,
    @Parameter(
            defaultValue = "false",
            description =
                "Whether these plans hold actual times and buffers, which costs every statement"
                    + " something.")
        boolean explainAnalyze,
    @Parameter(
            defaultValue = "1",
            description = "The share of statements that auto_explain looks at, 0 to 1.")
        @DecimalMin("0")
        @DecimalMax("1")
        double explainSampleRate,
    @Parameter(
            description =
                "Which statements pg_stat_statements counts: off, top or all. Turning it on or off"
                    + " restarts the instances.")
        Optional<StatisticsKind> statementStatistics,
    @Parameter(
            description =
                "How many different statements it keeps. A change restarts the instances.")
        Optional<@Min(100) @Max(1_073_741_823) Integer> statementStatisticsMax) {

  static final String TIME = "off|all|[0-9]{1,9}(us|ms|s|min|h|d)";
  static final String TIME_MESSAGE = "must be off, all or a duration such as 250ms, 5s or 1min";
  static final String SIZE = "off|all|[0-9]{1,6}(kB|MB|GB)";
  static final String SIZE_MESSAGE = "must be off, all or a size such as 512kB or 10MB";
}
