package dev.howdah.plugins.objectstore.store;

import java.net.URI;

/**
 * Where a bucket of Google Cloud Storage is and how to speak to it.
 *
 * @param endpoint address of the service
 * @param bucket the bucket's name
 * @param path where the store's root is in it; empty, or without slashes at either end
 * @param credentials who we are
 * @param timeouts how long to wait
 */
public record GoogleSettings(
    URI endpoint,
    String bucket,
    String path,
    Credentials credentials,
    S3Settings.Timeouts timeouts) {

  /** Google's own address. */
  public static final URI GOOGLE = URI.create("https://storage.googleapis.com");

  /** Who we are. */
  public sealed interface Credentials {

    /** The key of a service account, or another credential file, as JSON. */
    record Key(String json) implements Credentials {
      @Override
      public String toString() {
        return "Key";
      }
    }

    /** What the environment offers: GKE's workload identity, the metadata server. */
    record Environment() implements Credentials {}

    /** Nobody: for emulators. */
    record Nobody() implements Credentials {}
  }
}
