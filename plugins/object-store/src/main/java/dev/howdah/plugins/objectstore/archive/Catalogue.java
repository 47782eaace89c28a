package dev.howdah.plugins.objectstore.archive;

import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.store.ResumingInputStream;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The backups of an archive, as they were when it was read.
 *
 * @param backups those that have a {@code backup.info}, oldest first, whether they can be restored
 *     or not
 * @param leftovers folders below {@code base/} without one: backups that are being made, were
 *     broken off or are being deleted
 */
public record Catalogue(List<Entry> backups, List<String> leftovers) {

  /** In place of a system identifier that isn't known. */
  public static final String UNKNOWN = "unknown";

  // The largest that Barman writes have a few kilobytes.
  private static final int LONGEST_INFO = 16 << 20;

  /** Copies the lists. */
  public Catalogue {
    backups = List.copyOf(backups);
    leftovers = List.copyOf(leftovers);
  }

  /**
   * A backup.
   *
   * @param id its id
   * @param info what it says of itself
   * @param kept whether somebody wants it kept: {@code full} or {@code standalone}
   */
  public record Entry(String id, BackupInfo info, Optional<String> kept) {}

  /**
   * Reads the whole catalogue.
   *
   * @throws IOException if any part of it can't be read: a catalogue is complete or not at all
   */
  public static Catalogue read(Archive archive) throws IOException {
    return read(archive, Progress.NONE);
  }

  /**
   * The same, for somebody who waits for it.
   *
   * @param progress is told of backups
   */
  public static Catalogue read(Archive archive, Progress progress) throws IOException {
    ArchiveLayout layout = archive.layout();
    List<Entry> backups = new ArrayList<>();
    List<String> leftovers = new ArrayList<>();
    List<String> ids = archive.store().folders(layout.base());
    progress.expect(ids.size());
    for (String id : ids) {
      Optional<BackupInfo> info = readInfo(archive, id);
      if (info.isPresent()) {
        backups.add(new Entry(id, info.get(), content(archive, layout.keep(id)).map(String::new)));
      } else {
        leftovers.add(id);
      }
      progress.advance(1);
    }
    backups.sort(
        Comparator.comparing((Entry entry) -> entry.info().beginTime().orElse(Instant.MAX))
            .thenComparing(Entry::id));
    return new Catalogue(backups, leftovers);
  }

  /** Reads one backup, if it is there. */
  public static Optional<BackupInfo> readInfo(Archive archive, String id) throws IOException {
    String key = archive.layout().backupInfo(id);
    Optional<byte[]> file = content(archive, key);
    try {
      return file.map(BackupInfo::parse);
    } catch (IllegalArgumentException e) {
      throw new IOException("%s can't be understood: %s".formatted(key, e.getMessage()), e);
    }
  }

  private static Optional<byte[]> content(Archive archive, String key) throws IOException {
    try (ResumingInputStream in = ResumingInputStream.open(archive.store(), key)) {
      return Optional.of(in.readNBytes(LONGEST_INFO));
    } catch (StoreException e) {
      if (e.kind() == StoreException.Kind.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The backups that can be restored, oldest first. */
  public List<Entry> restorable() {
    return backups.stream()
        .filter(entry -> entry.info().isDone() && entry.info().endTime().isPresent())
        .toList();
  }

  /**
   * The system identifiers of the databases whose backups can be restored; {@code unknown} for
   * backups that don't say theirs.
   */
  public Set<String> databases() {
    return restorable().stream()
        .map(entry -> entry.info().systemId().orElse(UNKNOWN))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** One backup, if it is there. */
  public Optional<Entry> find(String id) {
    return backups.stream().filter(entry -> entry.id().equals(id)).findFirst();
  }

  /** When the oldest backup that can be restored ended: the earliest time to go back to. */
  public Optional<Instant> firstRecoverabilityPoint() {
    return restorable().stream()
        .flatMap(entry -> entry.info().endTime().stream())
        .min(Instant::compareTo);
  }

  /** When the newest backup that can be restored ended. */
  public Optional<Instant> lastBackupTime() {
    return restorable().stream()
        .flatMap(entry -> entry.info().endTime().stream())
        .max(Instant::compareTo);
  }

  /** When the newest backup that failed began. */
  public Optional<Instant> lastFailureTime() {
    return backups.stream()
        .filter(entry -> entry.info().status().equals(BackupInfo.FAILED))
        .flatMap(entry -> entry.info().beginTime().stream())
        .max(Instant::compareTo);
  }
}
