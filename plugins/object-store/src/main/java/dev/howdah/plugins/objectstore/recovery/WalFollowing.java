package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Archive.StoredWal;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.TimelineHistory;
import dev.howdah.plugins.objectstore.layout.TimelineHistory.Ancestor;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.StoredObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What following the WAL from a segment to the newest of an archive has shown: every segment that a
 * recovery to the latest point would replay was read.
 *
 * @param files how many segments were read
 * @param bytes how many bytes, as they are stored
 * @param upTo the last segment before the first problem, the newest if there is none; empty if even
 *     the first has one
 * @param problems what is missing or wrong
 * @param unproven what could not be checked
 */
public record WalFollowing(
    long files, long bytes, Optional<String> upTo, List<String> problems, List<String> unproven) {

  // A folder's name: a timeline, then the higher part of the segments' numbers.
  private static final int TIMELINE_DIGITS = 8;
  private static final int FOLDER_DIGITS = 16;

  /** Copies the lists. */
  public WalFollowing {
    problems = List.copyOf(problems);
    unproven = List.copyOf(unproven);
  }

  /**
   * Follows the WAL.
   *
   * @param from where to begin; this segment is read, too
   * @param segmentSize size of a segment in bytes
   * @param systemId the database that all WAL must be of, if that is known
   * @throws IOException if the archive can't be read; what is found in it is a problem instead
   */
  public static WalFollowing from(
      Archive archive, WalSegment from, long segmentSize, Optional<String> systemId)
      throws IOException {
    List<String> unproven = new ArrayList<>();
    TimelineHistory way = archive.history(archive.newestTimeline());
    if (!way.passesThrough(from.timeline(), from.start(segmentSize))) {
      unproven.add(
          "timeline %d was left before the way to timeline %d began: only its own WAL was followed"
              .formatted(from.timeline(), way.timeline()));
      way = archive.history(from.timeline());
    }
    return new Walk(archive, way, segmentSize, systemId).walk(from, unproven);
  }

  /**
   * How much following the WAL reads.
   *
   * @param from where to begin
   * @param to the number of the last segment that counts
   * @param segmentSize size of a segment in bytes
   * @return bytes, as they are stored
   */
  static long size(Archive archive, WalSegment from, long to, long segmentSize) throws IOException {
    TimelineHistory newest = archive.history(archive.newestTimeline());
    TimelineHistory way =
        newest.passesThrough(from.timeline(), from.start(segmentSize))
            ? newest
            : archive.history(from.timeline());
    return new Walk(archive, way, segmentSize, Optional.empty()).size(from, to);
  }

  /** One pass. Holds the listing of one folder at a time, so memory doesn't grow with the WAL. */
  private static final class Walk {
    private final Archive archive;
    private final TimelineHistory way;
    private final long segmentSize;
    private final WalVerification verification;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, List<StoredWal>> listed = new HashMap<>();
    private String folder = "";
    private @Nullable WalSegment missingFrom;
    private @Nullable WalSegment lastSound;
    private long files;

    Walk(Archive archive, TimelineHistory way, long segmentSize, Optional<String> systemId) {
      this.archive = archive;
      this.way = way;
      this.segmentSize = segmentSize;
      this.verification = new WalVerification(archive, systemId, segmentSize);
    }

    WalFollowing walk(WalSegment from, List<String> unproven) throws StoreException {
      Optional<WalSegment> newest = newest(from);
      if (newest.isPresent()) {
        for (long number = from.number(); number <= newest.get().number(); number++) {
          visit(new WalSegment(timelineOf(number), number));
        }
      }
      return new WalFollowing(
          files,
          verification.bytes(),
          Optional.ofNullable(lastSound).map(segment -> segment.name(segmentSize)),
          problems,
          unproven);
    }

    private void visit(WalSegment segment) throws StoreException {
      List<StoredWal> stored = stored(segment);
      if (stored.isEmpty()) {
        missingFrom = missingFrom == null ? segment : missingFrom;
        verification.interrupt();
        return;
      }
      reportMissingBefore(segment);
      files++;
      verification.next(segment, stored).ifPresent(problems::add);
      lastSound = problems.isEmpty() ? segment : lastSound;
    }

    // A gap is one problem, however long it is.
    private void reportMissingBefore(WalSegment segment) {
      WalSegment first = missingFrom;
      if (first == null) {
        return;
      }
      long count = segment.number() - first.number();
      problems.add(
          count == 1
              ? "WAL %s is missing".formatted(first.name(segmentSize))
              : "%d WAL files from %s on are missing".formatted(count, first.name(segmentSize)));
      missingFrom = null;
    }

    // The segment in which a timeline was left is read from the next one, which has a copy.
    private int timelineOf(long number) {
      for (Ancestor ancestor : way.ancestors()) {
        if (number < Long.divideUnsigned(ancestor.end().value(), segmentSize)) {
          return ancestor.timeline();
        }
      }
      return way.timeline();
    }

    private List<StoredWal> stored(WalSegment segment) throws StoreException {
      WalName name = WalName.parse(segment.name(segmentSize));
      if (!folder.equals(name.folder())) {
        folder = name.folder();
        listed.clear();
        archive
            .store()
            .list(
                archive.layout().wals() + folder,
                object -> {
                  Codec codec = Codec.ofName(object.name());
                  listed
                      .computeIfAbsent(codec.strip(object.name()), key -> new ArrayList<>())
                      .add(new StoredWal(object, codec));
                  return true;
                });
      }
      return listed.getOrDefault(name.name(), List.of());
    }

    /** The newest segment on the way, not before a given one. */
    private Optional<WalSegment> newest(WalSegment from) throws StoreException {
      List<String> folders = archive.store().folders(archive.layout().wals());
      List<Integer> timelines = new ArrayList<>(List.of(way.timeline()));
      way.ancestors().reversed().forEach(ancestor -> timelines.add(ancestor.timeline()));
      for (int timeline : timelines) {
        for (String candidate : folders.reversed()) {
          if (!candidate.startsWith("%08X".formatted(timeline))) {
            continue;
          }
          Optional<WalSegment> newest = newest(candidate, timeline, from);
          if (newest.isPresent()) {
            return newest;
          }
        }
      }
      return Optional.empty();
    }

    private Optional<WalSegment> newest(String candidate, int timeline, WalSegment from)
        throws StoreException {
      WalSegment[] newest = new WalSegment[1];
      onTheWay(
          candidate,
          from,
          (segment, object) -> {
            if (segment.timeline() == timeline) {
              newest[0] = segment;
            }
          });
      return Optional.ofNullable(newest[0]);
    }

    /** Bytes of all segments on the way between two, as they are stored. */
    long size(WalSegment from, long to) throws StoreException {
      String first = WalName.parse(from.name(segmentSize)).folder().substring(TIMELINE_DIGITS);
      long[] bytes = {0};
      for (String candidate : archive.store().folders(archive.layout().wals())) {
        // Of those before there may be months.
        if (candidate.length() == FOLDER_DIGITS
            && (candidate.substring(TIMELINE_DIGITS) + "/").compareTo(first) >= 0) {
          onTheWay(
              candidate,
              from,
              (segment, object) -> bytes[0] += segment.number() <= to ? object.size() : 0);
        }
      }
      return bytes[0];
    }

    /** Visits what a folder has of the way's segments, from a given one on. */
    private void onTheWay(
        String candidate, WalSegment from, BiConsumer<WalSegment, StoredObject> visitor)
        throws StoreException {
      archive
          .store()
          .list(
              archive.layout().wals() + candidate + "/",
              object -> {
                String name = Codec.ofName(object.name()).strip(object.name());
                if (WalName.isOne(name) && WalName.parse(name) instanceof WalName.Segment found) {
                  WalSegment segment = WalSegment.of(found, segmentSize);
                  if (segment.number() >= from.number()
                      && timelineOf(segment.number()) == segment.timeline()) {
                    visitor.accept(segment, object);
                  }
                }
                return true;
              });
    }
  }
}
