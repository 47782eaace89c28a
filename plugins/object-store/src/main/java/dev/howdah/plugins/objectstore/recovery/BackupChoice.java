package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.layout.TimelineHistory;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Timeline;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Until;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which backup a recovery begins with: the newest that can be restored, ended before the target and
 * lies on the way to the target's timeline. Where a transaction or a restore point lies only the
 * WAL says, so the WAL is read for it: first what follows the newest backup, then what lies between
 * it and the one before, and so on. So the backup that is found is the one from which PostgreSQL's
 * replay gets to the target, and stops there.
 *
 * @param backup the backup
 * @param reason why it was taken
 * @param passedOver why newer or other backups were not taken, a sentence for each
 */
public record BackupChoice(Entry backup, String reason, List<String> passedOver) {

  /** Copies the list. */
  public BackupChoice {
    passedOver = List.copyOf(passedOver);
  }

  /**
   * Chooses a backup.
   *
   * @throws PluginException of kind {@code NOT_FOUND} if none will do; the message says why for
   *     each
   * @throws IOException if the archive can't be read
   */
  public static BackupChoice choose(Archive archive, Catalogue catalogue, RecoveryTarget target)
      throws IOException {
    return choose(archive, catalogue, target, Progress.NONE);
  }

  /**
   * The same, for somebody who waits for it.
   *
   * @param progress is told of WAL segments, if WAL is read for it
   */
  public static BackupChoice choose(
      Archive archive, Catalogue catalogue, RecoveryTarget target, Progress progress)
      throws IOException {
    Optional<TimelineHistory> way = way(archive, target);
    Optional<TargetSearch> search = search(archive, target, progress);
    List<String> passedOver = new ArrayList<>();
    for (Entry entry : newestFirst(catalogue)) {
      if (target.backupId().isPresent() && !target.backupId().get().equals(entry.id())) {
        continue;
      }
      Optional<String> obstacle = obstacle(entry.info(), target, way);
      if (obstacle.isEmpty() && search.isPresent()) {
        TargetSearch.Found found = search.get().after(entry.info(), way(archive, entry, way));
        if (found.at().isPresent()) {
          return new BackupChoice(entry, found.text(), passedOver);
        }
        obstacle = Optional.of(found.text());
      }
      if (obstacle.isEmpty()) {
        return new BackupChoice(entry, reason(target), passedOver);
      }
      passedOver.add("%s %s".formatted(entry.id(), obstacle.get()));
    }
    throw new PluginException(
        PluginException.Kind.NOT_FOUND, noneWillDo(archive, target, passedOver));
  }

  // Whoever names the backup decides; replay says soon enough whether the target lies behind it.
  private static Optional<TargetSearch> search(
      Archive archive, RecoveryTarget target, Progress progress) {
    return target.backupId().isEmpty() && target.until() instanceof Until.Recorded point
        ? Optional.of(new TargetSearch(archive, point, progress))
        : Optional.empty();
  }

  private static TimelineHistory way(Archive archive, Entry entry, Optional<TimelineHistory> way)
      throws IOException {
    return way.isPresent() ? way.get() : archive.history(entry.info().timeline().orElse(1));
  }

  private static String reason(RecoveryTarget target) {
    if (target.backupId().isPresent()) {
      return "it was asked for";
    }
    return switch (target.until()) {
      case Until.EndOfArchive end -> "it is the newest";
      case Until.Time time -> "it is the newest that ended by " + time.time();
      case Until.Position position -> "it is the newest that ended before " + position.lsn();
      case Until.Consistency point -> "it is the newest, and recovery ends as soon as it can";
      case Until.Recorded point -> "the WAL after it has the " + point.what();
    };
  }

  private static List<Entry> newestFirst(Catalogue catalogue) {
    return catalogue.backups().stream()
        .sorted(
            Comparator.comparing((Entry entry) -> entry.info().endTime().orElse(Instant.MIN))
                .thenComparing(Entry::id)
                .reversed())
        .toList();
  }

  // Without a target PostgreSQL goes to the newest timeline, and refuses a backup that isn't on the
  // way there.
  private static Optional<TimelineHistory> way(Archive archive, RecoveryTarget target)
      throws IOException {
    if (target.timeline().isEmpty()) {
      return Optional.of(archive.history(archive.newestTimeline()));
    }
    return switch (target.timeline().get()) {
      case Timeline.OfBackup backup -> Optional.empty();
      case Timeline.Numbered numbered -> Optional.of(archive.history(numbered.number()));
    };
  }

  private static Optional<String> obstacle(
      BackupInfo info, RecoveryTarget target, Optional<TimelineHistory> way) {
    if (!info.isDone()) {
      return Optional.of("has the status " + (info.status().isEmpty() ? "?" : info.status()));
    }
    if (info.isSnapshot()) {
      return Optional.of("is a volume snapshot");
    }
    if (info.parentBackupId().isPresent()) {
      return Optional.of("is incremental");
    }
    Optional<Instant> endTime = info.endTime();
    Optional<Lsn> endLsn = info.endLsn();
    Optional<Integer> timeline = info.timeline();
    if (endTime.isEmpty() || endLsn.isEmpty() || timeline.isEmpty() || info.beginWal().isEmpty()) {
      return Optional.of("doesn't say when or where it ended");
    }
    if (way.isPresent() && !way.get().passesThrough(timeline.get(), endLsn.get())) {
      return Optional.of(
          "is not on the way from timeline %d to timeline %d"
              .formatted(timeline.get(), way.get().timeline()));
    }
    return switch (target.until()) {
      case Until.Time time when endTime.get().isAfter(time.time()) ->
          Optional.of("ended after the target time");
      case Until.Position position when endLsn.get().compareTo(position.lsn()) >= 0 ->
          Optional.of("ended at %s, not before the target".formatted(endLsn.get()));
      case Until.Time time -> Optional.empty();
      case Until.Position position -> Optional.empty();
      case Until.EndOfArchive end -> Optional.empty();
      case Until.Consistency point -> Optional.empty();
      case Until.Recorded point -> Optional.empty();
    };
  }

  private static String noneWillDo(
      Archive archive, RecoveryTarget target, List<String> passedOver) {
    if (passedOver.isEmpty()) {
      return target
          .backupId()
          .map(id -> "%s has no backup %s".formatted(archive.location(), id))
          .orElse("%s has no backups".formatted(archive.location()));
    }
    return "no backup of %s can be recovered to the target: %s"
        .formatted(archive.location(), String.join("; ", passedOver));
  }
}
