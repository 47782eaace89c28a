package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.retention.Retention;
import dev.howdah.plugins.objectstore.retention.RetentionPlan;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.DoomedWal;
import dev.howdah.plugins.objectstore.retention.RetentionPlanner;
import dev.howdah.plugins.objectstore.retention.RetentionPolicy;
import dev.howdah.plugins.objectstore.retention.RetentionPolicy.Counting;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code retain}: what an archive no longer needs, and its deletion. */
@Command(
    name = "retain",
    description =
        "Deletes what is not needed to recover to any time of a window, by the rules that the"
            + " plugin follows, or only shows it.",
    mixinStandardHelpOptions = true)
public final class RetainCommand extends ArchiveCommand {

  @Option(
      names = "--window",
      required = true,
      paramLabel = "WINDOW",
      description = "How far back recovery must reach, such as 30d, 4w or 12m.")
  private String window;

  @Option(
      names = "--minimum-redundancy",
      paramLabel = "N",
      defaultValue = "1",
      description = "How many whole backups stay in any case (default: ${DEFAULT-VALUE}).")
  private int minimumRedundancy;

  @Option(
      names = "--count-unverified",
      description =
          "Count backups that were never verified, too; without it only those found sound.")
  private boolean countUnverified;

  @Option(
      names = "--system-id",
      paramLabel = "ID",
      description = "Delete nothing unless the backups are of the database with this identifier.")
  private @Nullable String systemId;

  @ArgGroup(multiplicity = "1", exclusive = true)
  private Earnest earnest;

  static final class Earnest {
    @Option(names = "--dry-run", description = "Only show what would be deleted.")
    boolean dryRun;

    @Option(names = "--yes", description = "Really delete it.")
    boolean yes;
  }

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public RetainCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    RetentionPlan plan =
        RetentionPlanner.plan(
            archive,
            RetentionPolicy.parse(
                window, minimumRedundancy, countUnverified ? Counting.WHOLE : Counting.VERIFIED),
            Instant.now(),
            Optional.ofNullable(systemId));
    if (plan.refusal().isPresent()) {
      out().println("refused     " + plan.refusal().get());
      return 1;
    }
    show(plan);
    if (earnest.dryRun) {
      out().println("nothing was deleted (--dry-run)");
      return 0;
    }
    Retention.Report report = Retention.carryOut(plan, archive, event -> {}, id -> {});
    report.refused().forEach(what -> out().println("the store refuses to delete " + what));
    out()
        .println(
            "deleted %d backups and %d WAL files".formatted(report.backups(), report.walFiles()));
    return report.refused().isEmpty() ? 0 : 1;
  }

  private void show(RetentionPlan plan) {
    plan.kept().forEach(entry -> out().println("keep        " + entry.id()));
    plan.backups()
        .forEach(
            doomed -> out().println("delete      " + doomed.id() + "  " + doomed.rule().text()));
    if (!plan.wal().isEmpty()) {
      out()
          .println(
              "delete WAL  %d files, %d bytes, %s to %s"
                  .formatted(
                      plan.wal().size(),
                      plan.wal().stream().mapToLong(DoomedWal::size).sum(),
                      plan.wal().getFirst().name(),
                      plan.wal().getLast().name()));
    }
    plan.remarks().forEach(remark -> out().println("note        " + remark));
  }
}
