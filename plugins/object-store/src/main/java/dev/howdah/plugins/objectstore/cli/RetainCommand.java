package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.cli.ClusterOptions.Resources;
import dev.howdah.plugins.objectstore.retention.Retention;
import dev.howdah.plugins.objectstore.retention.RetentionPlan;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.Doomed;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.DoomedWal;
import dev.howdah.plugins.objectstore.retention.RetentionPlanner;
import dev.howdah.plugins.objectstore.retention.RetentionPolicy;
import dev.howdah.plugins.objectstore.retention.RetentionPolicy.Counting;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code retain}: what an archive no longer needs, and its deletion. */
@Command(
    name = "retain",
    description =
        "Deletes what is not needed to recover to any time of a window, by the rules that the"
            + " plugin follows, or only shows it. With --cluster the backups' Backup resources go,"
            + " too.",
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
      description =
          "How many backups stay in any case, of those found sound (default: ${DEFAULT-VALUE}).")
  private int minimumRedundancy;

  @Option(
      names = "--count-unverified",
      description =
          "Count backups that were never verified, too, if they look complete; without it only"
              + " those found sound.")
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

  @Mixin private ClusterOptions cluster;

  @Option(names = "--json", description = "Answer in JSON.")
  private boolean json;

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the fields before it runs anything
  public RetainCommand() {}

  @Override
  int run(Archive archive) throws IOException {
    Catalogue catalogue = catalogue(archive);
    return cluster.with(
        identity(archive, catalogue), resources -> retain(archive, catalogue, resources));
  }

  private int retain(Archive archive, Catalogue catalogue, Resources resources) throws IOException {
    RetentionPlan plan = plan(archive, catalogue);
    if (!json) {
      plan.refusal()
          .ifPresentOrElse(why -> out().println("refused     " + why), () -> show(plan, resources));
    }
    Done done =
        plan.refusal().isEmpty() && !earnest.dryRun
            ? carryOut(plan, archive, resources)
            : new Done(new Retention.Report(0, 0, List.of()), List.of(), List.of());
    if (json) {
      print(answer(plan, done, resources));
    } else if (plan.refusal().isEmpty()) {
      show(done);
    }
    return plan.refusal().isEmpty() && done.isWhole() ? 0 : 1;
  }

  private RetentionPlan plan(Archive archive, Catalogue catalogue) throws IOException {
    RetentionPolicy policy =
        RetentionPolicy.parse(
            window, minimumRedundancy, countUnverified ? Counting.WHOLE : Counting.VERIFIED);
    return showing(
        "reading the WAL's names",
        false,
        line ->
            RetentionPlanner.plan(
                archive, catalogue, policy, Instant.now(), Optional.ofNullable(systemId), line));
  }

  /**
   * What was done.
   *
   * @param data in the archive
   * @param resources the Backup resources that were deleted
   * @param left why others could not be
   */
  private record Done(Retention.Report data, List<String> resources, List<String> left) {
    boolean isWhole() {
      return data.refused().isEmpty() && left.isEmpty();
    }
  }

  private Done carryOut(RetentionPlan plan, Archive archive, Resources resources)
      throws IOException {
    List<String> deleted = new ArrayList<>();
    List<String> left = new ArrayList<>();
    Retention.Report report =
        showing(
            "deleting",
            false,
            line ->
                Retention.carryOut(
                    plan,
                    archive,
                    event -> {},
                    id -> {
                      try {
                        deleted.addAll(resources.delete(id));
                      } catch (PluginException e) {
                        // The data of the others must go nevertheless.
                        left.add(String.valueOf(e.getMessage()));
                      }
                    },
                    line));
    return new Done(report, deleted, left);
  }

  private void show(Done done) {
    if (earnest.dryRun) {
      out().println("nothing was deleted (--dry-run)");
      return;
    }
    done.data().refused().forEach(what -> out().println("the store refuses to delete " + what));
    done.resources().forEach(name -> out().println("deleted the Backup " + name));
    done.left().forEach(why -> out().println("note        " + why));
    out()
        .println(
            "deleted %d backups and %d WAL files"
                .formatted(done.data().backups(), done.data().walFiles()));
    if (!cluster.given() && done.data().backups() > 0) {
      out()
          .println(
              "note        Backup resources whose status.backupId is one of theirs stay; they go,"
                  + " too, with --cluster NAMESPACE/NAME, or by kubectl");
    }
  }

  private ObjectNode answer(RetentionPlan plan, Done done, Resources resources) {
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
    answer.put("deletedBackups", done.data().backups()).put("deletedWal", done.data().walFiles());
    done.data().refused().forEach(answer.putArray("refused")::add);
    if (cluster.given()) {
      ArrayNode named = answer.putArray("resources");
      done.resources().forEach(named::add);
      if (earnest.dryRun) {
        plan.backups().forEach(doomed -> resources.of(doomed.id()).forEach(named::add));
      }
      done.left().forEach(answer.putArray("resourcesLeft")::add);
    }
    return answer;
  }

  private void show(RetentionPlan plan, Resources resources) {
    plan.kept().forEach(entry -> out().println("keep        " + entry.id()));
    for (Doomed doomed : plan.backups()) {
      out().println("delete      " + doomed.id() + "  " + doomed.rule().text());
      resources
          .of(doomed.id())
          .forEach(name -> out().println("            and the Backup " + name));
    }
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
