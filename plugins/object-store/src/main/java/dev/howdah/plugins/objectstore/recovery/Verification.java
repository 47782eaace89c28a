package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.archive.VerificationRecord;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout.DataName;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import dev.howdah.plugins.objectstore.store.MeteredStore;
import dev.howdah.plugins.objectstore.store.StoredObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How much of a backup is to be verified.
 *
 * @param followWal whether the WAL after the backup is read as well, to the archive's newest
 * @param walFrom the segment to follow it from, if not from the backup's last
 * @param scratch a directory to restore the backup into, which is removed afterwards
 * @param workers how many archives to restore at a time
 */
public record Verification(
    boolean followWal, Optional<String> walFrom, Optional<Path> scratch, int workers) {

  /** The backup alone, as it lies in the archive. */
  public static final Verification OF_BACKUP =
      new Verification(false, Optional.empty(), Optional.empty(), 1);

  /**
   * Verifies a backup. It is only restored if nothing was found wrong with it before.
   *
   * @param clock says when it was done
   * @throws IOException if the archive or the scratch directory can't be read or written; what is
   *     found in them is a problem instead
   */
  public VerificationRecord verify(Archive archive, Entry backup, Clock clock) throws IOException {
    return read(archive, backup, clock);
  }

  /**
   * The same, for somebody who waits for it.
   *
   * @param progress is told of bytes as they are stored
   */
  public VerificationRecord verify(Archive archive, Entry backup, Clock clock, Progress progress)
      throws IOException {
    progress.expect(size(archive, backup));
    Archive metered =
        new Archive(new MeteredStore(archive.store(), progress::advance), archive.layout());
    return read(metered, backup, clock);
  }

  // Of WAL that is archived meanwhile nobody knows yet.
  private long size(Archive archive, Entry backup) throws IOException {
    BackupInfo info = backup.info();
    int restores = scratch.isPresent() ? 1 : 0;
    long bytes = 0;
    for (StoredObject object : archive.store().list(archive.layout().backup(backup.id()))) {
      if (DataName.parse(object.name()).isPresent()) {
        bytes += object.size() * (1 + restores);
      } else if (object.key().equals(archive.layout().manifest(backup.id()))) {
        // A restore looks for the parts in it, and is then compared with its files.
        bytes += object.size() * (1 + 2 * restores);
      }
    }
    if (info.beginWal().isPresent() && info.endWal().isPresent()) {
      long size = info.segmentSize();
      bytes +=
          WalFollowing.size(
              archive,
              WalSegment.parse(info.beginWal().get(), size),
              WalSegment.parse(info.endWal().get(), size).number(),
              size);
    }
    Optional<WalSegment> from = followWal ? from(info) : Optional.empty();
    if (from.isPresent()) {
      bytes += WalFollowing.size(archive, from.get(), Long.MAX_VALUE, info.segmentSize());
    }
    return bytes;
  }

  private VerificationRecord read(Archive archive, Entry backup, Clock clock) throws IOException {
    BackupVerification read = BackupVerification.of(archive, backup);
    List<String> problems = new ArrayList<>(read.problems());
    List<String> unproven = new ArrayList<>(read.unproven());
    long bytes = read.bytes();
    boolean restored = false;
    if (scratch.isPresent() && read.sound()) {
      BackupVerification found = ScratchRestore.of(archive, backup, scratch.get(), workers);
      problems.addAll(found.problems());
      unproven.addAll(found.unproven());
      bytes += found.bytes();
      restored = true;
    }
    List<String> walProblems = new ArrayList<>();
    Optional<String> walUpTo = Optional.empty();
    Optional<WalSegment> from = followWal ? from(backup.info()) : Optional.empty();
    if (from.isPresent()) {
      WalFollowing following =
          WalFollowing.from(
              archive, from.get(), backup.info().segmentSize(), backup.info().systemId());
      walProblems.addAll(following.problems());
      unproven.addAll(following.unproven());
      // A chain that no longer holds where it began is followed from there again.
      walUpTo = following.upTo().or(() -> walFrom);
      bytes += following.bytes();
    }
    return new VerificationRecord(
        clock.instant(),
        problems.isEmpty(),
        restored,
        bytes,
        problems,
        unproven,
        walUpTo,
        walProblems);
  }

  private Optional<WalSegment> from(BackupInfo info) {
    return walFrom.or(info::endWal).map(name -> WalSegment.parse(name, info.segmentSize()));
  }
}
