package dev.howdah.plugins.objectstore.store;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;

/** What the failures of an S3 service mean. Messages hold no request ids. */
final class S3Failures {

  private final S3Settings settings;
  private final String location;

  S3Failures(S3Settings settings, String location) {
    this.settings = settings;
    this.location = location;
  }

  /** The store has an object of that key already. */
  StoreException exists(String key, @Nullable Throwable cause) {
    return new StoreException(Kind.EXISTS, "%s has %s already".formatted(location, key), cause);
  }

  /**
   * A request that failed.
   *
   * @param verb what was to be done, such as {@code read}
   * @param key with which object
   */
  StoreException of(String verb, String key, SdkException e) {
    String what = "can't %s %s in %s".formatted(verb, key, location);
    if (e instanceof AbortedException || Thread.currentThread().isInterrupted()) {
      return new StoreException(Kind.INTERRUPTED, what + ": it was given up", e);
    }
    if (e instanceof AwsServiceException service) {
      String code =
          service.awsErrorDetails() == null
              ? ""
              : Objects.requireNonNullElse(service.awsErrorDetails().errorCode(), "");
      String because = what + ": " + (code.isEmpty() ? "HTTP " + service.statusCode() : code);
      return switch (code) {
        case "NoSuchBucket" ->
            new StoreException(
                Kind.MISCONFIGURED,
                "the bucket %s doesn't exist; create it or correct destinationPath"
                    .formatted(settings.bucket()),
                e);
        case "ConditionalRequestConflict", "OperationAborted", "RequestTimeout" ->
            new StoreException(Kind.UNAVAILABLE, because, e);
        case "PermanentRedirect", "AuthorizationHeaderMalformed" ->
            new StoreException(
                Kind.MISCONFIGURED,
                because + "; the bucket is in another region: correct region or endpointURL",
                e);
        case "ExpiredToken", "InvalidToken" -> denied(because, e);
        case "XMinioStorageFull", "QuotaExceeded", "XMinioAdminBucketQuotaExceeded" ->
            new StoreException(Kind.FULL, because, e);
        default ->
            switch (service.statusCode()) {
              case 404 -> new StoreException(Kind.NOT_FOUND, because, e);
              case 412 ->
                  verb.equals("read")
                      ? new StoreException(Kind.CHANGED, key + " was replaced while it was read", e)
                      : exists(key, e);
              case 401, 403 -> denied(because, e);
              case 301, 400, 405, 411, 416 ->
                  new StoreException(
                      Kind.MISCONFIGURED,
                      because + "; check region, endpointURL and where the bucket stands in it",
                      e);
              case 507 -> new StoreException(Kind.FULL, because, e);
              default -> new StoreException(Kind.UNAVAILABLE, because, e);
            };
      };
    }
    String address = settings.endpoint().map(URI::toString).orElse("Amazon S3");
    if (String.valueOf(e.getMessage()).contains("Unable to load credentials")) {
      return new StoreException(
          Kind.DENIED,
          "no AWS credentials were found; give s3Credentials or a role to the service account",
          e);
    }
    return new StoreException(
        Kind.UNAVAILABLE, "%s: %s can't be reached or broke off".formatted(what, address), e);
  }

  private static StoreException denied(String because, SdkException e) {
    return new StoreException(
        Kind.DENIED, because + "; check the credentials and what they may do", e);
  }
}
