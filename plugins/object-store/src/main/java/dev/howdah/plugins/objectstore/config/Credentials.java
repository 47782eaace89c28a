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

  /** A kind that can't be used yet. */
  record Unsupported(String field) implements Credentials {}
}
