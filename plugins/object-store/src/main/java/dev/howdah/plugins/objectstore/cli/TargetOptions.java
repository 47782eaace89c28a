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
  }

  RecoveryTarget target() {
    Until until = new Until.EndOfArchive();
    Point given = point;
    if (given != null && given.time != null) {
      until = new Until.Time(RecoveryTarget.parseTime(given.time));
    } else if (given != null && given.lsn != null) {
      until = new Until.Position(Lsn.parse(given.lsn));
    }
    return new RecoveryTarget(
        Optional.ofNullable(backup), RecoveryTarget.parseTimeline(timeline), until);
  }
}
