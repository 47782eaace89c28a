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
