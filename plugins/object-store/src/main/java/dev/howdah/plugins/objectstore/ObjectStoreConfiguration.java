package dev.howdah.plugins.objectstore;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The plugin's part of the host's configuration, {@code howdah.plugins.object-store.*}.
 *
 * @param directory the store of Clusters that name no ObjectStore; created if missing
 * @param definitions directory with ObjectStores as files
 * @param secrets directory in which Secrets are mounted
 * @param spool directory for WAL that is read ahead; the plugin's alone
 * @param restorePatience how long restoring WAL waits for a store that can't be reached, when there
 *     is nothing else to recover from
 * @param walPatience how long a backup waits for its last WAL to be archived
 * @param walThreads how many WAL files are sent ahead, and how many read ahead, at a time
 * @param partSize size in bytes of the parts in which base backups are sent
 * @param verificationRate how many bytes a second a scheduled verification reads at most, from 256
 *     KiB on
 * @param verificationScratch directory into which a scheduled verification restores backups; they
 *     are only read if it is empty
 */
public record ObjectStoreConfiguration(
    String directory,
    String definitions,
    String secrets,
    String spool,
    Duration restorePatience,
    Duration walPatience,
    int walThreads,
    int partSize,
    long verificationRate,
    String verificationScratch) {

  /** Where Secrets are mounted unless the configuration says otherwise. */
  static final String SECRETS = "/etc/howdah/secrets";

  /** Fills in what isn't given. */
  public ObjectStoreConfiguration(
      @Nullable String directory,
      @Nullable String definitions,
      @Nullable String secrets,
      @Nullable String spool,
      @Nullable Duration restorePatience,
      @Nullable Duration walPatience,
      int walThreads,
      int partSize,
      long verificationRate,
      @Nullable String verificationScratch) {
    this.directory = Objects.requireNonNullElse(directory, ".howdah/object-store");
    this.definitions = Objects.requireNonNullElse(definitions, "/etc/howdah/object-stores");
    this.secrets = Objects.requireNonNullElse(secrets, SECRETS);
    this.spool = Objects.requireNonNullElseGet(spool, ObjectStoreConfiguration::usualSpool);
    this.restorePatience = Objects.requireNonNullElse(restorePatience, Duration.ofMinutes(10));
    this.walPatience = Objects.requireNonNullElse(walPatience, Duration.ofHours(1));
    this.walThreads = walThreads <= 0 ? 4 : walThreads;
    this.partSize = partSize <= 0 ? 8 << 20 : partSize;
    this.verificationRate = verificationRate <= 0 ? 32 << 20 : verificationRate;
    this.verificationScratch = Objects.requireNonNullElse(verificationScratch, "");
  }

  // In the sidecar nothing can be written but to volumes.
  private static String usualSpool() {
    return Files.isWritable(Path.of("").toAbsolutePath())
        ? ".howdah/object-store-spool"
        : Path.of(System.getProperty("java.io.tmpdir"), "howdah-object-store-spool").toString();
  }
}
