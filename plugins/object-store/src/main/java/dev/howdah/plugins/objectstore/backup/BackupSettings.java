package dev.howdah.plugins.objectstore.backup;

import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.store.PartLimits;
import java.time.Duration;
import java.util.Map;

/**
 * How a base backup is to be made.
 *
 * @param codec how to compress it
 * @param jobs how many files are read and compressed, and how many parts sent, at a time
 * @param partSize size of a part in bytes; memory for parts is {@code (jobs + 1) × partSize}, where
 *     that is to be had
 * @param archiveSize when a tar archive has this many bytes the next file begins a new one
 * @param immediateCheckpoint whether to checkpoint at once
 * @param tags tags of the objects
 * @param walPatience how long to wait for the backup's last WAL to be archived
 */
public record BackupSettings(
    Codec codec,
    int jobs,
    int partSize,
    long archiveSize,
    boolean immediateCheckpoint,
    Map<String, String> tags,
    Duration walPatience) {

  private static final int UNIT = 256 << 10;

  // Of a relation's files, with room for what comes before it is noticed that an archive is full.
  private static final long LARGEST_FILE = 2L << 30;

  /** What holds unless said otherwise. */
  public static final BackupSettings DEFAULT =
      new BackupSettings(Codec.NONE, 2, 8 << 20, 8L << 30, false, Map.of(), Duration.ofHours(1));

  /** Copies the map. */
  public BackupSettings {
    tags = Map.copyOf(tags);
  }

  /** The same with another codec. */
  public BackupSettings compressed(Codec other) {
    return new BackupSettings(
        other, jobs, partSize, archiveSize, immediateCheckpoint, tags, walPatience);
  }

  /**
   * The same, fitted into memory and a store's limits: smaller parts first, then none on its way
   * beside those that are filled, then fewer jobs; and archives end before they have more parts
   * than the store takes.
   *
   * @param memory bytes that all parts may take together
   */
  BackupSettings within(long memory, PartLimits limits) {
    int share = (int) Math.min(partSize, memory / (jobs + 1));
    // Google takes multiples of this only.
    int size = limits.clamp(share < partSize ? share - share % UNIT : share);
    int fewer = Math.clamp(memory / size, 1, jobs);
    long most = Math.max(size, (long) size * limits.count() - LARGEST_FILE);
    return new BackupSettings(
        codec, fewer, size, Math.min(archiveSize, most), immediateCheckpoint, tags, walPatience);
  }

  /**
   * How many parts there may be at a time: one for each job, and one more that is sent meanwhile if
   * there is memory for it.
   *
   * @param memory bytes that all parts may take together
   */
  int parts(long memory) {
    return Math.clamp(memory / partSize, jobs, jobs + 1);
  }
}
