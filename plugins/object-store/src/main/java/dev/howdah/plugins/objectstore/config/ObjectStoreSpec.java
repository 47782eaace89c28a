package dev.howdah.plugins.objectstore.config;

import dev.howdah.plugins.objectstore.layout.Codec;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What an {@code ObjectStore} says.
 *
 * @param destinationPath the root's URL
 * @param endpointUrl address of a service that isn't the provider's own
 * @param endpointCa certificates to trust there
 * @param region region written down as such
 * @param regionSecret region written into a Secret, as Barman's plugin wants it
 * @param bucketInPath whether an S3 bucket stands in the URL's path, instead of its host's name; as
 *     the endpoint usually needs it, if it isn't said
 * @param transferLimit most bytes per second in each direction, for this store in this process
 * @param credentials who we are
 * @param tags tags of all objects
 * @param historyTags tags of history files instead
 * @param wal how to store WAL
 * @param data how to store base backups
 * @param retentionPolicy how long backups are kept, such as {@code 30d}
 * @param retentionInterval how often that is looked after
 */
public record ObjectStoreSpec(
    String destinationPath,
    Optional<String> endpointUrl,
    Optional<SecretReference> endpointCa,
    Optional<String> region,
    Optional<SecretReference> regionSecret,
    Optional<Boolean> bucketInPath,
    Optional<Long> transferLimit,
    Credentials credentials,
    Map<String, String> tags,
    Map<String, String> historyTags,
    Wal wal,
    Data data,
    Optional<String> retentionPolicy,
    Duration retentionInterval) {

  /** How often retention is looked after unless the resource says otherwise. */
  public static final Duration RETENTION_INTERVAL = Duration.ofMinutes(30);

  /** Copies the maps. */
  public ObjectStoreSpec {
    tags = Map.copyOf(tags);
    historyTags = Map.copyOf(historyTags);
  }

  /** A store without credentials and with defaults for all else. */
  public static ObjectStoreSpec of(String destinationPath) {
    return new ObjectStoreSpec(
        destinationPath,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new Credentials.None(),
        Map.of(),
        Map.of(),
        new Wal(Codec.NONE, Encryption.NONE, 1),
        new Data(Codec.NONE, Encryption.NONE, 2, false),
        Optional.empty(),
        RETENTION_INTERVAL);
  }

  /** Encryption at rest. */
  public enum Encryption {
    /** What the bucket itself prescribes. */
    NONE,
    /** With the store's keys. */
    AES256,
    /** With a managed key. */
    KMS
  }

  /**
   * How to store WAL.
   *
   * @param maxParallel how many files at a time, in both directions
   */
  public record Wal(Codec codec, Encryption encryption, int maxParallel) {}

  /**
   * How to store base backups.
   *
   * @param jobs how many parts at a time
   * @param immediateCheckpoint whether to checkpoint at once
   */
  public record Data(Codec codec, Encryption encryption, int jobs, boolean immediateCheckpoint) {}
}
