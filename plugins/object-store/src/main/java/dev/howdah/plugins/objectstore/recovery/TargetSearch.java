package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Archive.StoredWal;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.layout.TimelineHistory;
import dev.howdah.plugins.objectstore.layout.TimelineHistory.Ancestor;
import dev.howdah.plugins.objectstore.layout.WalHeader;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Until;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.wal.WalInventory;
import dev.howdah.plugins.objectstore.wal.WalRecordChain;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a transaction's end or a restore point in the WAL that follows a backup, as
 * PostgreSQL's replay would. No WAL is read twice: what follows a newer backup that was asked about
 * before is known not to have it. Segments are read one after the other, a page at a time, and not
 * kept. For one thread.
 */
final class TargetSearch {

  private final Archive archive;
  private final Until.Recorded point;
  private final Progress progress;
  private long expected;
  // By the timeline at the way's end: from where on everything was read.
  private final Map<Integer, Lsn> known = new HashMap<>();

  /**
   * Begins with nothing read.
   *
   * @param progress is told of segments
   */
  TargetSearch(Archive archive, Until.Recorded point, Progress progress) {
    this.archive = archive;
    this.point = point;
    this.progress = progress;
  }

  /**
   * What was found.
   *
   * @param at where the record begins, if it is there
   * @param text a sentence about it, without its subject
   */
  record Found(Optional<Lsn> at, String text) {}

  /**
   * Reads the WAL from a backup's end to the archive's end, or to where it was read already.
   *
   * @param backup one that says where it ended
   * @param way the timelines to go along
   * @throws IOException if the archive can't be read; WAL that is missing or damaged is the end, as
   *     it is for replay
   */
  Found after(BackupInfo backup, TimelineHistory way) throws IOException {
    Lsn from = backup.endLsn().orElseThrow();
    Optional<Lsn> to = Optional.ofNullable(known.get(way.timeline()));
    known.merge(way.timeline(), from, (one, other) -> one.compareTo(other) < 0 ? one : other);
    Scan scan = new Scan(backup, from, to);
    String end = to.map(next -> "to " + next).orElse("");
    long size = backup.segmentSize();
    long first = WalSegment.at(1, from, size).number();
    expect(first, to, size);
    for (long number = first;
        to.isEmpty() || new WalSegment(1, number).start(size).compareTo(to.get()) < 0;
        number++) {
      Optional<String> obstacle = scan.read(way, number);
      progress.advance(1);
      if (scan.hit != null) {
        return scan.found();
      }
      if (obstacle.isPresent()) {
        end = "to " + obstacle.get();
        break;
      }
    }
    return new Found(
        Optional.empty(),
        "has no %s in the WAL after it, which was read from %s %s"
            .formatted(point.what(), from, end));
  }

  private void expect(long first, Optional<Lsn> to, long segmentSize) throws StoreException {
    Optional<Long> last =
        to.isPresent()
            ? to.map(end -> WalSegment.before(1, end, segmentSize).number())
            : WalInventory.read(archive)
                .last()
                .map(name -> WalSegment.parse(name, segmentSize).number());
    expected += Math.max(0, last.orElse(first) - first + 1);
    progress.expect(expected);
  }

  /** One reading of the WAL between two positions. */
  private final class Scan {
    private final BackupInfo backup;
    private final Lsn from;
    private final Optional<Lsn> to;
    private final TargetRecords records;
    private final WalRecordChain chain;
    private @Nullable Lsn hit;
    private Instant time = Instant.EPOCH;

    Scan(BackupInfo backup, Lsn from, Optional<Lsn> to) {
      this.backup = backup;
      this.from = from;
      this.to = to;
      this.records = new TargetRecords(point, backup.version().orElse(0));
      this.chain =
          new WalRecordChain(
              (at, head) ->
                  hit == null && inside(at) && records.mayBe(head)
                      ? Optional.of(body -> look(at, head, body))
                      : Optional.empty());
    }

    private boolean inside(Lsn at) {
      return at.compareTo(from) >= 0 && (to.isEmpty() || at.compareTo(to.get()) < 0);
    }

    private void look(Lsn at, WalRecordChain.Head head, byte[] body) {
      Optional<Instant> when = records.timeOf(head, body);
      if (when.isPresent()) {
        hit = at;
        time = when.get();
      }
    }

    Found found() {
      return new Found(
          Optional.ofNullable(hit),
          "the WAL after it has the %s at %s, of %s".formatted(point.what(), hit, time));
    }

    /** Reads a segment, and says why replay wouldn't get beyond it, if it wouldn't. */
    Optional<String> read(TimelineHistory way, long number) throws IOException {
      long size = backup.segmentSize();
      for (int timeline : timelines(way, number, size)) {
        WalName.Segment name =
            (WalName.Segment) WalName.parse(new WalSegment(timeline, number).name(size));
        Optional<StoredWal> stored = preferred(archive.find(name));
        // The last of a timeline that was left is archived under this name only.
        if (stored.isEmpty() && timeline == way.timeline()) {
          stored = preferred(archive.find(new WalName.Partial(name)));
        }
        if (stored.isPresent()) {
          return read(name, stored.get());
        }
      }
      return Optional.of("%s, where it ends".formatted(new WalSegment(1, number).start(size)));
    }

    private Optional<String> read(WalName.Segment name, StoredWal stored) throws IOException {
      try (InputStream in = archive.open(stored.object().key(), stored.codec())) {
        byte[] head = in.readNBytes(WalHeader.LENGTH);
        Optional<WalHeader> header = WalHeader.parse(head);
        if (header.isEmpty()) {
          return Optional.of("%s, which does not begin like WAL".formatted(name.name()));
        }
        Optional<String> wrong = header.get().contradiction(name, backup.segmentSize());
        if (wrong.isEmpty()) {
          wrong =
              chain.follow(
                  new SequenceInputStream(new ByteArrayInputStream(head), in), header.get());
        }
        return wrong.map(why -> "%s: %s".formatted(name.name(), why));
      } catch (StoreException e) {
        throw e;
      } catch (IOException e) {
        return Optional.of("%s, which can't be decompressed".formatted(name.name()));
      }
    }
  }

  // Where timelines meet, the newer one's segment begins with what the older one wrote.
  private static List<Integer> timelines(TimelineHistory way, long number, long segmentSize) {
    List<Integer> newestFirst = new ArrayList<>();
    int timeline = way.timeline();
    for (Ancestor ancestor : way.ancestors().reversed()) {
      if (number >= WalSegment.at(1, ancestor.end(), segmentSize).number()) {
        newestFirst.add(timeline);
      }
      timeline = ancestor.timeline();
    }
    newestFirst.add(timeline);
    return newestFirst;
  }

  // Of several a restore takes a compressed one.
  private static Optional<StoredWal> preferred(List<StoredWal> candidates) {
    return candidates.stream().max(Comparator.comparing(StoredWal::codec));
  }
}
