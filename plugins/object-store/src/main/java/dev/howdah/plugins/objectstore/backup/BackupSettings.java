package dev.howdah.plugins.objectstore.backup;

import dev.howdah.plugins.objectstore.layout.Codec;
import java.time.Duration;
import java.util.Map;

/**
 * How a base backup is to be made.
 *
 * @param codec how to compress it
 * @param jobs how many files are read and compressed, and how many parts sent, at a time
 * @param partSize size of a part in bytes; memory for parts is {@code (jobs + 1) × partSize}
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

  /** What holds unless said otherwise. */
  public static final BackupSettings DEFAULT =
      new BackupSettings(Codec.NONE, 2, 8 << 20, 100L << 30, false, Map.of(), Duration.ofHours(1));

  /** Copies the map. */
  public BackupSettings {
    tags = Map.copyOf(tags);
  }

  /** The same with another codec. */
  public BackupSettings compressed(Codec other) {
    return new BackupSettings(
        other, jobs, partSize, archiveSize, immediateCheckpoint, tags, walPatience);
  }
}
