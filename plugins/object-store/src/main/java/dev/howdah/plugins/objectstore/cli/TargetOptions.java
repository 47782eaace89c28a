package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Until;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Where a recovery shall end. */
final class TargetOptions {

  @Option(names = "--backup", paramLabel = "ID", description = "The backup to begin with.")
  @Nullable String backup;

  @Option(
      names = "--target-timeline",
      paramLabel = "TIMELINE",
      defaultValue = "latest",
      description = "latest, current or a number (default: ${DEFAULT-VALUE}).")
  String timeline = "latest";

  @ArgGroup(exclusive = true)
  @Nullable Point point;

  static final class Point {
    @Option(
        names = "--target-time",
        paramLabel = "TIME",
        description = "Such as '2026-01-31 12:00:00+01'; UTC without a zone.")
    @Nullable String time;

    @Option(names = "--target-lsn", paramLabel = "LSN", description = "Such as 0/3000028.")
    @Nullable String lsn;

    @Option(
        names = "--target-xid",
        paramLabel = "XID",
        description = "A transaction's end. Without --backup it is looked for in the WAL.")
    @Nullable String transaction;

    @Option(
        names = "--target-name",
        paramLabel = "NAME",
        description = "A restore point. Without --backup it is looked for in the WAL.")
    @Nullable String name;

    @Option(names = "--target-immediate", description = "As soon as the backup is consistent.")
    boolean immediate;
  }

  RecoveryTarget target() {
    return new RecoveryTarget(
        Optional.ofNullable(backup), RecoveryTarget.parseTimeline(timeline), until());
  }

  private Until until() {
    Point given = point;
    if (given == null) {
      return new Until.EndOfArchive();
    }
    if (given.time != null) {
      return new Until.Time(RecoveryTarget.parseTime(given.time));
    }
    if (given.lsn != null) {
      return new Until.Position(Lsn.parse(given.lsn));
    }
    if (given.transaction != null) {
      return RecoveryTarget.parseTransaction(given.transaction);
    }
    if (given.name != null) {
      return new Until.RestorePoint(given.name);
    }
    return given.immediate ? new Until.Consistency() : new Until.EndOfArchive();
  }
}
