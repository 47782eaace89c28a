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
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

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

  @Option(names = "--json", description = "Answer in JSON.")
  private boolean json;

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
    Retention.Report done = new Retention.Report(0, 0, List.of());
    if (!json) {
      plan.refusal().ifPresentOrElse(why -> out().println("refused     " + why), () -> show(plan));
    }
    if (plan.refusal().isEmpty() && !earnest.dryRun) {
      done = Retention.carryOut(plan, archive, event -> {}, id -> {});
    }
    if (json) {
      print(answer(plan, done));
    } else if (plan.refusal().isEmpty()) {
      show(done);
    }
    return plan.refusal().isEmpty() && done.refused().isEmpty() ? 0 : 1;
  }

  private void show(Retention.Report done) {
    if (earnest.dryRun) {
      out().println("nothing was deleted (--dry-run)");
      return;
    }
    done.refused().forEach(what -> out().println("the store refuses to delete " + what));
    out().println("deleted %d backups and %d WAL files".formatted(done.backups(), done.walFiles()));
  }

  private ObjectNode answer(RetentionPlan plan, Retention.Report done) {
    ObjectNode answer = JsonMapper.shared().createObjectNode();
    plan.refusal().ifPresent(why -> answer.put("refusal", why));
    ArrayNode keep = answer.putArray("keep");
    plan.kept().forEach(entry -> keep.add(entry.id()));
    ArrayNode delete = answer.putArray("delete");
    plan.backups()
        .forEach(
            doomed -> delete.addObject().put("id", doomed.id()).put("rule", doomed.rule().text()));
    ArrayNode wal = answer.putArray("deleteWal");
    plan.wal().forEach(file -> wal.add(file.name()));
    plan.remarks().forEach(answer.putArray("remarks")::add);
    answer.put("dryRun", earnest.dryRun);
    answer.put("deletedBackups", done.backups()).put("deletedWal", done.walFiles());
    done.refused().forEach(answer.putArray("refused")::add);
    return answer;
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
