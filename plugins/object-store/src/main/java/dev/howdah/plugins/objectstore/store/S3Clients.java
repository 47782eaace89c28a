package dev.howdah.plugins.objectstore.store;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import javax.net.ssl.TrustManager;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/** Makes the client that speaks to a bucket. */
final class S3Clients {

  // It only interrupts attempts that take too long. The SDK would have five threads for each
  // client.
  private static final ScheduledExecutorService TIMER = timer();

  private S3Clients() {}

  private static ScheduledExecutorService timer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("s3-timer").factory());
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  /**
   * Makes a client; nothing is sent yet.
   *
   * @throws StoreException of kind {@code MISCONFIGURED} if the settings can't be right
   */
  static S3Client open(S3Settings settings) throws StoreException {
    S3Settings.Timeouts timeouts = settings.timeouts();
    Apache5HttpClient.Builder http =
        Apache5HttpClient.builder()
            .maxConnections(settings.connections())
            .connectionTimeout(timeouts.connect())
            .socketTimeout(timeouts.idle())
            .connectionAcquisitionTimeout(timeouts.attempt());
    if (!settings.certificates().isEmpty()) {
      TrustManager[] trust = Trust.in(settings.certificates());
      http.tlsTrustManagersProvider(() -> trust);
    }
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(http)
            .credentialsProvider(provider(settings.credentials()))
            .forcePathStyle(settings.pathStyle().orElse(settings.endpoint().isPresent()))
            .overrideConfiguration(
                override ->
                    override
                        .scheduledExecutorService(TIMER)
                        .apiCallAttemptTimeout(timeouts.attempt())
                        .retryStrategy(
                            DefaultRetryStrategy.standardStrategyBuilder()
                                .maxAttempts(timeouts.attempts())
                                .build()));
    settings.region().map(Region::of).ifPresent(builder::region);
    settings
        .endpoint()
        .ifPresent(
            endpoint -> {
              builder
                  .endpointOverride(endpoint)
                  .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                  .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
              if (settings.region().isEmpty()) {
                builder.region(Region.US_EAST_1);
              }
            });
    try {
      return builder.build();
    } catch (SdkException | IllegalArgumentException e) {
      throw new StoreException(
          Kind.MISCONFIGURED,
          "the S3 client for bucket %s can't be set up; check region and endpointURL"
              .formatted(settings.bucket()),
          e);
    }
  }

  private static AwsCredentialsProvider provider(S3Settings.Credentials credentials) {
    return switch (credentials) {
      case S3Settings.Credentials.Environment environment ->
          DefaultCredentialsProvider.builder().build();
      case S3Settings.Credentials.Keys keys ->
          StaticCredentialsProvider.create(
              keys.sessionToken().isPresent()
                  ? AwsSessionCredentials.create(
                      keys.accessKeyId(), keys.secretAccessKey(), keys.sessionToken().get())
                  : AwsBasicCredentials.create(keys.accessKeyId(), keys.secretAccessKey()));
    };
  }
}
