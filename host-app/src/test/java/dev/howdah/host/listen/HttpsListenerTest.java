package dev.howdah.host.listen;

import static dev.howdah.host.listen.TestCertificate.named;
import static dev.howdah.host.listen.TestCertificate.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** HTTPS byte by byte, over real sockets. */
@Timeout(60)
class HttpsListenerTest {

  private static final TestCertificate CA = named("Authority").authority().make();
  private static final TestCertificate SERVER =
      named("Server").issuedBy(CA).forServer("localhost").make();
  private static final TestCertificate CLIENT = named("api-server").issuedBy(CA).make();

  private final List<HttpsExchange.Request> requests = new CopyOnWriteArrayList<>();
  private final List<String> refused = new CopyOnWriteArrayList<>();
  private volatile CompletionStage<HttpsExchange.Response> answer =
      CompletableFuture.completedStage(HttpsExchange.Response.text(200, "fine"));

  @TempDir private Path folder;
  private Path certificate;
  private Path key;
  private @Nullable HttpsListener listener;

  @BeforeEach
  void certificates() {
    certificate = folder.resolve("tls.crt");
    key = folder.resolve("tls.key");
    serve(SERVER);
  }

  private void serve(TestCertificate server) {
    write(certificate, server.chainPem());
    write(key, server.pkcs8Pem());
  }

  @AfterEach
  void stop() {
    if (listener != null) {
      listener.close();
    }
  }

  private HttpsListener start(@Nullable Path clients, Duration requestTimeout) {
    listener =
        HttpsListener.start(
            new HttpsOptions(
                "127.0.0.1:0",
                new HttpsTls.Files(new TlsFiles(certificate, key, clients)),
                1_000,
                2,
                requestTimeout,
                Duration.ofMinutes(1)),
            request -> {
              requests.add(request);
              return answer;
            },
            new ListenEvents() {
              @Override
              public void refused(String name, Refusal reason) {
                refused.add(name + " " + reason.tag());
              }
            });
    return listener;
  }

  private HttpsListener start() {
    return start(null, Duration.ofSeconds(10));
  }

  private SSLSocket connect(@Nullable TestCertificate client) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    KeyStore trusted = store();
    trusted.setCertificateEntry("ca", CA.certificate());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyStore own = store();
    if (client != null) {
      own.setKeyEntry("me", client.keys().getPrivate(), new char[0], client.chain());
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, new char[0]);
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    SSLSocket socket =
        (SSLSocket)
            context.getSocketFactory().createSocket("127.0.0.1", listener.address().getPort());
    socket.setSoTimeout(20_000);
    return socket;
  }

  private static KeyStore store() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static void send(Socket socket, String text) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(text.getBytes(StandardCharsets.US_ASCII));
    out.flush();
  }

  private static String post(String body) {
    return "POST /a/b?timeout=3s HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/x\r\n"
        + "Content-Length: "
        + body.length()
        + "\r\n\r\n"
        + body;
  }

  /** Reads until a text has come, or the end. */
  private static String until(Socket socket, String text) throws IOException {
    StringBuilder read = new StringBuilder();
    while (read.indexOf(text) < 0) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        return read + "<end>";
      }
      read.append((char) next);
    }
    return read.toString();
  }

  @Test
  void one_connection_takes_one_request_after_the_other() throws Exception {
    start();
    try (SSLSocket socket = connect(null)) {
      send(socket, post("one"));
      assertThat(until(socket, "fine\n")).startsWith("HTTP/1.1 200 ").doesNotContain("<end>");
      // Two at once, the second one in pieces.
      send(socket, post("two") + "POST /c HTTP/1.1\r\nHost: x\r\nContent-Le");
      send(socket, "ngth: 5\r\n\r\nth");
      send(socket, "ree");
      assertThat(until(socket, "fine\n")).startsWith("HTTP/1.1 200 ");
      assertThat(until(socket, "fine\n")).startsWith("HTTP/1.1 200 ");
    }
    assertThat(requests)
        .extracting(it -> new String(it.body(), StandardCharsets.US_ASCII))
        .containsExactly("one", "two", "three");
    assertThat(requests.getFirst().path()).isEqualTo("/a/b");
    assertThat(requests.getFirst().query()).isEqualTo("timeout=3s");
    assertThat(requests.getFirst().contentType()).isEqualTo("text/x");
    assertThat(requests.getFirst().client()).isEqualTo("127.0.0.1");
  }

  @Test
  void what_is_too_long_is_not_taken() throws Exception {
    start();
    try (SSLSocket socket = connect(null)) {
      send(socket, post("x".repeat(1_001)));
      assertThat(until(socket, "\r\n")).startsWith("HTTP/1.1 413 ");
    }
    assertThat(requests).isEmpty();
  }

  @Test
  void what_is_no_http_is_told_so_and_closed() throws Exception {
    start();
    try (SSLSocket socket = connect(null)) {
      send(socket, "\u0001\u0002 nonsense\r\n\r\n");
      assertThat(until(socket, "never")).startsWith("HTTP/1.1 400 ").endsWith("<end>");
    }
  }

  @Test
  void a_request_that_does_not_end_in_time_is_cut_off() throws Exception {
    start(null, Duration.ofMillis(300));
    try (SSLSocket socket = connect(null)) {
      send(socket, "POST / HTTP/1.1\r\nHost:");
      assertThat(until(socket, "never")).isEqualTo("<end>");
    }
  }

  @Test
  void connections_beyond_the_limit_are_closed() throws Exception {
    start();
    try (SSLSocket one = connect(null);
        SSLSocket two = connect(null)) {
      one.startHandshake();
      two.startHandshake();
      assertThatThrownBy(() -> connect(null).startHandshake()).isInstanceOf(IOException.class);
      assertThat(refused).containsExactly("https too-many-connections");
    }
    await()
        .untilAsserted(
            () -> {
              try (SSLSocket next = connect(null)) {
                next.startHandshake();
              }
            });
  }

  @Test
  void a_new_certificate_is_used_without_a_restart() throws Exception {
    start();
    serve(named("Next").issuedBy(CA).forServer("localhost").make());
    try (SSLSocket socket = connect(null)) {
      assertThat(socket.getSession().getPeerPrincipal().getName()).isEqualTo("CN=Next");
    }
  }

  @Test
  void clients_have_to_show_a_certificate_where_that_is_wanted() throws Exception {
    Path clients = folder.resolve("clients.crt");
    write(clients, CA.certificatePem());
    start(clients, Duration.ofSeconds(10));
    try (SSLSocket socket = connect(CLIENT)) {
      send(socket, post("one"));
      until(socket, "fine\n");
    }
    assertThat(requests.getFirst().client()).isEqualTo("CN=api-server");
    try (SSLSocket socket = connect(null)) {
      assertThatThrownBy(
              () -> {
                send(socket, post("two"));
                assertThat(until(socket, "fine\n")).doesNotContain("<end>");
              })
          .isInstanceOfAny(IOException.class, AssertionError.class);
    }
    await().untilAsserted(() -> assertThat(refused).contains("https missing"));
    assertThat(requests).hasSize(1);
  }

  @Test
  void a_stop_waits_for_requests_in_flight_and_for_nothing_else() throws Exception {
    CompletableFuture<HttpsExchange.Response> later = new CompletableFuture<>();
    answer = later;
    HttpsListener running = start();
    try (SSLSocket idle = connect(null);
        SSLSocket busy = connect(null)) {
      idle.startHandshake();
      send(busy, post("one"));
      await().until(() -> requests.size() == 1);
      Thread stopping = Thread.ofPlatform().start(() -> running.stop(Duration.ofSeconds(20)));
      assertThat(until(idle, "never")).isEqualTo("<end>");
      later.complete(HttpsExchange.Response.text(200, "fine"));
      assertThat(until(busy, "never"))
          .containsIgnoringCase("connection: close")
          .endsWith("fine\n<end>");
      assertThat(stopping.join(Duration.ofSeconds(20))).isTrue();
    }
  }

  @Test
  void an_answer_that_fails_is_a_500() throws Exception {
    answer = CompletableFuture.failedStage(new IllegalStateException("by mistake"));
    start();
    try (SSLSocket socket = connect(null)) {
      send(socket, post("one"));
      assertThat(until(socket, "details.\n")).startsWith("HTTP/1.1 500 ");
    }
  }

  @Test
  void an_address_that_is_taken_is_a_clear_error() {
    int port = start().address().getPort();
    assertThatThrownBy(
            () ->
                HttpsListener.start(
                    new HttpsOptions(
                        "127.0.0.1:" + port,
                        new HttpsTls.Files(new TlsFiles(certificate, key, null)),
                        1_000,
                        2,
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(1)),
                    request -> answer,
                    ListenEvents.NONE))
        .isInstanceOf(ListenException.class)
        .hasMessageContaining("127.0.0.1:" + port);
  }
}
