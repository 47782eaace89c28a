package dev.howdah.plugins.objectstore.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpServer;
import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What an S3 service's refusals mean, from a server that answers with each. */
@Timeout(60)
class S3FailuresTest {

  private static final S3Settings.Timeouts ONCE =
      new S3Settings.Timeouts(
          Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10), 1);

  @ParameterizedTest
  @CsvSource({
    "301, PermanentRedirect,             MISCONFIGURED, correct region or endpointURL",
    "400, AuthorizationHeaderMalformed,  MISCONFIGURED, correct region or endpointURL",
    "400, InvalidRequest,                MISCONFIGURED, check region",
    "400, ExpiredToken,                  DENIED,        check the credentials",
    "403, AccessDenied,                  DENIED,        check the credentials",
    "400, RequestTimeout,                UNAVAILABLE,   RequestTimeout",
    "503, SlowDown,                      UNAVAILABLE,   SlowDown",
    "404, NoSuchBucket,                  MISCONFIGURED, create it or correct destinationPath"
  })
  void aRefusalHasItsKindAndSaysWhatToDo(int status, String code, Kind kind, String advice)
      throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] body =
        "<Error><Code>%s</Code><Message>no</Message></Error>"
            .formatted(code)
            .getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().add("Content-Type", "application/xml");
          exchange.sendResponseHeaders(status, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    URI endpoint = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    try (Store store =
        S3Store.open(S3Settings.of("backups", "", endpoint, S3Server.CREDENTIALS).within(ONCE))) {
      StoreException refusal =
          catchThrowableOfType(StoreException.class, () -> store.read("wals/a", 0, null));

      assertThat(refusal.kind()).as(refusal.getMessage()).isEqualTo(kind);
      assertThat(refusal).hasMessageContaining(advice);
    } finally {
      server.stop(0);
    }
  }
}
