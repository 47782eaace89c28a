package dev.howdah.plugins.objectstore.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How deletions reach Google: counted by a server that answers as Google's documentation says. */
@Timeout(60)
class GoogleBatchTest {

  private static final Pattern REQUEST =
      Pattern.compile("Content-ID: <item:([0-9]+)>\r\n\r\nDELETE (\\S+) HTTP/1.1");

  private final List<String> deleted = new CopyOnWriteArrayList<>();
  private final List<String> alone = new CopyOnWriteArrayList<>();
  private final List<Integer> batches = new CopyOnWriteArrayList<>();
  private volatile String busy = "nothing";
  private volatile String locked = "nothing";
  private volatile int answer = 200;
  private HttpServer server;
  private GoogleStore store;

  @BeforeEach
  void start() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/batch/storage/v1", this::batch);
    server.createContext("/storage/v1/b/bucket/o/", this::single);
    server.start();
    store =
        GoogleStore.open(
            new GoogleSettings(
                URI.create("http://127.0.0.1:" + server.getAddress().getPort()),
                "bucket",
                "",
                new GoogleSettings.Credentials.Nobody(),
                new S3Settings.Timeouts(
                    Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(10), 2)));
  }

  @AfterEach
  void stop() {
    store.close();
    server.stop(0);
  }

  @Test
  void aHundredGoTogether() throws Exception {
    store.delete(keys(250));

    assertThat(batches).containsExactly(100, 100, 50);
    assertThat(deleted).hasSize(250).contains("key%20249");
    assertThat(alone).isEmpty();
  }

  @Test
  void whatFailedForTheMomentIsRepeatedAlone() throws Exception {
    busy = "key%203";

    store.delete(keys(5));

    assertThat(alone).containsExactly("key%203");
    assertThat(deleted).hasSize(5);
  }

  @Test
  void whatIsRefusedIsSaidToBe() {
    locked = "key%203";

    StoreContract.assertFails(
        Kind.DENIED,
        () -> {
          store.delete(keys(5));
          return null;
        });
    assertThat(deleted).hasSize(4);
  }

  @Test
  void aServiceThatKnowsNoBatchesIsAskedForEach() throws Exception {
    answer = 404;

    store.delete(keys(5));

    assertThat(alone).hasSize(5);
    assertThat(deleted).hasSize(5);
  }

  private static List<String> keys(int count) {
    return IntStream.range(0, count).mapToObj(i -> "key " + i).toList();
  }

  private void batch(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    List<String> parts = new ArrayList<>();
    Matcher requests = REQUEST.matcher(body);
    while (answer == 200 && requests.find()) {
      parts.add(
          "Content-Type: application/http\r\nContent-ID: <response-item:%s>\r\n\r\nHTTP/1.1 %d X\r\n\r\n"
              .formatted(requests.group(1), status(requests.group(2), busy)));
    }
    batches.add(parts.size());
    // They come in any order.
    Collections.reverse(parts);
    StringBuilder text = new StringBuilder();
    parts.forEach(part -> text.append("--of-google\r\n").append(part).append("\r\n"));
    exchange.getResponseHeaders().add("Content-Type", "multipart/mixed; boundary=of-google");
    answer(exchange, answer, text + "--of-google--\r\n");
  }

  private int status(String path, String failing) {
    String name = path.substring(path.lastIndexOf('/') + 1);
    if (name.equals(failing)) {
      return 503;
    }
    if (name.equals(locked)) {
      return 403;
    }
    deleted.add(name);
    return 204;
  }

  private void single(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    alone.add(path.substring(path.lastIndexOf('/') + 1));
    answer(exchange, status(path, "nothing"), "");
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
    exchange.close();
  }
}
