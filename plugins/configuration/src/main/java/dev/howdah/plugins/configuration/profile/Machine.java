package dev.howdah.plugins.configuration.profile;

import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What PostgreSQL has to run on.
 *
 * @param memory bytes that it may use
 * @param cpus processors; empty if nobody said
 * @param storage what the data lies on
 * @param walVolume bytes of the volume that WAL lies on; empty if nobody said
 * @param walVolumeShared whether the data lies on that volume, too
 * @param memoryRequest bytes of memory that are guaranteed; empty if nobody said
 * @param hugePages whether huge pages were requested
 */
public record Machine(
    long memory,
    OptionalInt cpus,
    StorageKind storage,
    OptionalLong walVolume,
    boolean walVolumeShared,
    OptionalLong memoryRequest,
    boolean hugePages) {

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if there is no memory or no processor
   */
  public Machine {
    if (memory <= 0) {
      throw new IllegalArgumentException("A machine needs memory.");
    }
    if (cpus.isPresent() && cpus.getAsInt() < 1) {
      throw new IllegalArgumentException("A machine needs a processor.");
    }
  }
}
