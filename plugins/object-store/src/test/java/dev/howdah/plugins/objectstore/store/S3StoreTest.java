package dev.howdah.plugins.objectstore.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.s3.S3Client;

class S3StoreTest extends StoreContract {

  private static S3Server server;

  @BeforeAll
  static void startServer() throws Exception {
    server = S3Server.start();
  }

  @AfterAll
  static void stopServer() throws Exception {
    server.close();
  }

  @Override
  Store open() throws Exception {
    String bucket = "bucket-" + UUID.randomUUID();
    server.createBucket(bucket);
    return S3Store.open(
        S3Settings.of(bucket, "some/path", server.endpoint(), S3Server.CREDENTIALS));
  }

  @Test
  void aMissingBucketIsAMistakeInTheSettings() throws Exception {
    try (Store missing =
        S3Store.open(S3Settings.of("missing", "", server.endpoint(), S3Server.CREDENTIALS))) {
      assertFails(Kind.MISCONFIGURED, () -> missing.list("wals/"));
      assertFails(Kind.MISCONFIGURED, () -> missing.read("wals/a", 0, null));
      assertFails(
          Kind.MISCONFIGURED,
          () -> {
            missing.put("a", Content.of("a"), WriteOptions.CREATE);
            return null;
          });
    }
  }

  @ParameterizedTest
  @CsvSource({
    ",           , https://bucket.s3.eu-central-1.amazonaws.com/a",
    "path,       , https://s3.eu-central-1.amazonaws.com/bucket/a",
    ",           https://s3.example:9000, https://s3.example:9000/bucket/a",
    "path,       https://s3.example:9000, https://s3.example:9000/bucket/a",
    "virtual,    https://s3.example:9000, https://bucket.s3.example:9000/a"
  })
  void theBucketStandsWhereTheSettingsSayAndInThePathOfOwnEndpointsOtherwise(
      String style, URI endpoint, URI address) throws Exception {
    S3Settings plain = S3Settings.of("bucket", "", S3Server.CREDENTIALS);
    S3Settings settings =
        new S3Settings(
            plain.bucket(),
            plain.path(),
            Optional.ofNullable(endpoint),
            Optional.of("eu-central-1"),
            Optional.ofNullable(style).map("path"::equals),
            plain.certificates(),
            plain.credentials(),
            plain.encryption(),
            plain.timeouts(),
            plain.connections());

    try (S3Client client = S3Clients.open(settings)) {
      assertThat(client.utilities().getUrl(request -> request.bucket("bucket").key("a")).toURI())
          .isEqualTo(address);
    }
  }

  @Test
  void wrongKeysAreDenied() throws Exception {
    var wrong = new S3Settings.Credentials.Keys("access", "wrong", Optional.empty());
    try (Store denied = S3Store.open(S3Settings.of("b", "", server.endpoint(), wrong))) {
      assertFails(Kind.DENIED, () -> denied.list("wals/"));
    }
  }

  @Test
  void aServerThatIsAwayIsUnavailableWithinBoundedTime() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    assertUnavailable(port);
  }

  @Test
  void aServerThatNeverAnswersIsUnavailableWithinBoundedTime() throws Exception {
    try (ServerSocket silent = new ServerSocket(0)) {
      assertUnavailable(silent.getLocalPort());
    }
  }

  private static void assertUnavailable(int port) throws Exception {
    var timeouts =
        new S3Settings.Timeouts(
            Duration.ofMillis(500), Duration.ofMillis(500), Duration.ofMillis(500), 2);
    S3Settings settings =
        S3Settings.of("bucket", "", URI.create("http://127.0.0.1:" + port), S3Server.CREDENTIALS)
            .within(timeouts);
    long start = System.nanoTime();
    try (Store away = S3Store.open(settings)) {
      assertFails(Kind.UNAVAILABLE, () -> away.find("a"));
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }
}
