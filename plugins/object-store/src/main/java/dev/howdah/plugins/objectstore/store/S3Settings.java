package dev.howdah.plugins.objectstore.store;

import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where an S3 bucket is and how to speak to it.
 *
 * @param bucket its name
 * @param path where the store's root is in the bucket; empty, or without slashes at either end
 * @param endpoint address of a service that isn't Amazon's
 * @param region the region; without one, what the AWS environment says, else {@code us-east-1} with
 *     an own endpoint
 * @param pathStyle whether the bucket stands in the path of the URL; without it, as the endpoint
 *     needs: in the path for own endpoints, in the host name for Amazon's
 * @param certificates the only authorities to trust; empty for those of the JDK
 * @param credentials who we are
 * @param encryption encryption at rest
 * @param timeouts how long to wait
 * @param connections most connections at a time
 */
public record S3Settings(
    String bucket,
    String path,
    Optional<URI> endpoint,
    Optional<String> region,
    Optional<Boolean> pathStyle,
    List<X509Certificate> certificates,
    Credentials credentials,
    Encryption encryption,
    Timeouts timeouts,
    int connections) {

  /** Copies the list. */
  public S3Settings {
    certificates = List.copyOf(certificates);
  }

  /** Settings of a bucket with defaults for all else. */
  public static S3Settings of(String bucket, String path, Credentials credentials) {
    return new S3Settings(
        bucket,
        path,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        credentials,
        new Encryption.None(),
        Timeouts.DEFAULT,
        32);
  }

  /** Settings of a bucket behind an own endpoint, with defaults for all else. */
  public static S3Settings of(String bucket, String path, URI endpoint, Credentials credentials) {
    return new S3Settings(
        bucket,
        path,
        Optional.of(endpoint),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        credentials,
        new Encryption.None(),
        Timeouts.DEFAULT,
        32);
  }

  /** The same with other timeouts. */
  public S3Settings within(Timeouts other) {
    return new S3Settings(
        bucket,
        path,
        endpoint,
        region,
        pathStyle,
        certificates,
        credentials,
        encryption,
        other,
        connections);
  }

  /** Who we are. */
  public sealed interface Credentials {

    /**
     * A key pair.
     *
     * @param sessionToken of temporary credentials
     */
    record Keys(String accessKeyId, String secretAccessKey, Optional<String> sessionToken)
        implements Credentials {
      @Override
      public String toString() {
        return "Keys[" + accessKeyId + "]";
      }
    }

    /** What the AWS environment offers: web identity, container or instance role, profile. */
    record Environment() implements Credentials {}
  }

  /** Encryption at rest, done by the store. */
  public sealed interface Encryption {

    /** What the bucket itself prescribes. */
    record None() implements Encryption {}

    /** With keys that the store keeps. */
    record StoreKeys() implements Encryption {}

    /**
     * With a key of the key management service.
     *
     * @param keyId which; the bucket's default without one
     */
    record ManagedKey(Optional<String> keyId) implements Encryption {}
  }

  /**
   * How long to wait.
   *
   * @param connect for a connection
   * @param idle for the next byte
   * @param attempt for a request's answer, beside the time that its content takes
   * @param attempts how often a request is sent at most
   */
  public record Timeouts(Duration connect, Duration idle, Duration attempt, int attempts) {

    /** What holds unless said otherwise. */
    public static final Timeouts DEFAULT =
        new Timeouts(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(60), 5);
  }
}
