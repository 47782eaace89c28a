package dev.howdah.plugins.objectstore.retention;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.archive.FirstRequiredWal;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.DoomedWal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * WAL from before the first segment that any backup needs, on whatever timeline, and from before
 * the one that was declared to be the first required, if one was. History files always stay, and so
 * does what lies within a backup that is kept alone.
 */
final class UnneededWal {

  private static final Pattern FOLDER = Pattern.compile("[0-9A-F]{8}([0-9A-F]{8})");
  private static final int HEX = 16;

  private UnneededWal() {}

  private record Range(long first, long last) {
    boolean holds(long number) {
      return number >= first && number <= last;
    }
  }

  /**
   * Finds it.
   *
   * @param segmentSize size of a segment in bytes
   * @param beginnings backups from which recovery goes on as far as the archive does; not empty
   *     unless nothing is to be found
   * @param kept all backups that stay, whose own WAL stays, too
   * @param progress is told of the folders that are listed
   * @throws IOException if the listing isn't complete, or what is required can't be read
   */
  static List<DoomedWal> of(
      Archive archive,
      long segmentSize,
      List<Entry> beginnings,
      List<Entry> kept,
      Progress progress)
      throws IOException {
    Optional<Long> required =
        FirstRequiredWal.read(archive).map(name -> WalSegment.of(name, segmentSize).number());
    Optional<Long> first =
        beginnings.stream()
            .map(entry -> begin(entry, segmentSize))
            .min(Long::compare)
            .map(begin -> Math.min(begin, required.orElse(begin)));
    if (first.isEmpty()) {
      return List.of();
    }
    List<Range> ranges =
        kept.stream()
            .map(entry -> new Range(begin(entry, segmentSize), end(entry, segmentSize)))
            .toList();
    List<DoomedWal> doomed = new ArrayList<>();
    String wals = archive.layout().wals();
    List<String> folders =
        archive.store().folders(wals).stream()
            .filter(folder -> mayHold(folder, first.get(), segmentSize))
            .toList();
    progress.expect(folders.size());
    for (String folder : folders) {
      archive
          .store()
          .list(
              wals + folder + "/",
              object -> {
                String name = Codec.ofName(object.name()).strip(object.name());
                Optional<Long> number = number(name, segmentSize);
                if (object.key().equals(wals + folder + "/" + object.name())
                    && number.isPresent()
                    && number.get() < first.get()
                    && ranges.stream().noneMatch(range -> range.holds(number.get()))) {
                  doomed.add(new DoomedWal(name, object.key(), object.size()));
                }
                return true;
              });
      progress.advance(1);
    }
    return doomed;
  }

  private static long begin(Entry entry, long segmentSize) {
    return entry.info().beginLsn().orElseThrow().value() / segmentSize;
  }

  private static long end(Entry entry, long segmentSize) {
    return entry.info().endLsn().map(end -> end.value() / segmentSize).orElse(Long.MAX_VALUE);
  }

  private static boolean mayHold(String folder, long first, long segmentSize) {
    Matcher matcher = FOLDER.matcher(folder);
    return matcher.matches()
        && Long.parseLong(matcher.group(1), HEX) * (0x1_0000_0000L / segmentSize) < first;
  }

  // Names in another spelling than PostgreSQL's aren't ours to delete.
  private static Optional<Long> number(String name, long segmentSize) {
    if (!WalName.isOne(name) || !WalName.parse(name).name().equals(name)) {
      return Optional.empty();
    }
    return switch (WalName.parse(name)) {
      case WalName.Segment segment -> Optional.of(WalSegment.of(segment, segmentSize).number());
      case WalName.Partial partial ->
          Optional.of(WalSegment.of(partial.of(), segmentSize).number());
      case WalName.BackupLabel label ->
          Optional.of(WalSegment.of(label.of(), segmentSize).number());
      case WalName.History history -> Optional.empty();
    };
  }
}
