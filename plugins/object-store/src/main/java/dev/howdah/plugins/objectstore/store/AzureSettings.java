package dev.howdah.plugins.objectstore.store;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Where a container of Azure Blob Storage is and how to speak to it.
 *
 * @param endpoint address of the account, such as {@code https://account.blob.core.windows.net}
 * @param container the container's name
 * @param path where the store's root is in it; empty, or without slashes at either end
 * @param credentials who we are
 * @param certificates the only authorities to trust; empty for those of the JDK
 * @param timeouts how long to wait
 */
public record AzureSettings(
    String endpoint,
    String container,
    String path,
    Credentials credentials,
    List<X509Certificate> certificates,
    S3Settings.Timeouts timeouts) {

  /** Copies the list. */
  public AzureSettings {
    certificates = List.copyOf(certificates);
  }

  /** Who we are. */
  public sealed interface Credentials {

    /** A connection string, which also says where the account is. */
    record ConnectionString(String text) implements Credentials {
      @Override
      public String toString() {
        return "ConnectionString";
      }
    }

    /** The account's key. */
    record AccountKey(String account, String key) implements Credentials {
      @Override
      public String toString() {
        return "AccountKey[" + account + "]";
      }
    }

    /** A shared access signature. */
    record Signature(String token) implements Credentials {
      @Override
      public String toString() {
        return "Signature";
      }
    }

    /** The managed identity of the Pod or node. */
    record ManagedIdentity(Optional<String> clientId) implements Credentials {}

    /** Whatever identity the environment offers, workload identity among them. */
    record Environment() implements Credentials {}
  }
}
