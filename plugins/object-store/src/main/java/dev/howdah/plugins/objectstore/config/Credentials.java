package dev.howdah.plugins.objectstore.config;

import java.util.Optional;

/** How a store is told who we are. */
public sealed interface Credentials {

  /** None: for directories. */
  record None() implements Credentials {}

  /** A key pair for S3. */
  record S3Keys(
      SecretReference accessKeyId,
      SecretReference secretAccessKey,
      Optional<SecretReference> sessionToken)
      implements Credentials {}

  /** What the Pod's AWS environment offers. */
  record S3Environment() implements Credentials {}

  /** A connection string for Azure. */
  record AzureConnection(SecretReference connectionString) implements Credentials {}

  /** An account's key for Azure. */
  record AzureKey(SecretReference storageAccount, SecretReference storageKey)
      implements Credentials {}

  /** A shared access signature for Azure. */
  record AzureSignature(SecretReference storageAccount, SecretReference storageSasToken)
      implements Credentials {}

  /**
   * An identity that the Pod has with Azure.
   *
   * @param managed whether it must be a managed identity; else whatever the environment offers
   */
  record AzureIdentity(boolean managed) implements Credentials {}

  /** The key of a service account of Google's. */
  record GoogleKey(SecretReference applicationCredentials) implements Credentials {}

  /** The identity that GKE gives the Pod. */
  record GoogleEnvironment() implements Credentials {}
}
