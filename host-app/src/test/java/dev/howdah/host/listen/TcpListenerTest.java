package dev.howdah.host.listen;

import static dev.howdah.host.listen.TestCertificate.named;
import static dev.howdah.host.listen.TestCertificate.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Both engines are held to the same. */
@ParameterizedClass
@EnumSource(names = {"NATIVE", "JDK"})
class TcpListenerTest {
  private static final String NAME = "hello.howdah.dev";

  private static final TestCertificate CA = named("Authority").authority().make();
  private static final TestCertificate SERVER = named("Server").issuedBy(CA).forServer(NAME).make();
  private static final TestCertificate CLIENT = named("operator").issuedBy(CA).make();
  private static final TestCertificate SELF_SIGNED = named("self-signed").make();

  private final TlsEngine engine;

  @TempDir private Path folder;
  private TlsFiles files;

  TcpListenerTest(TlsEngine engine) {
    this.engine = engine;
  }

  @BeforeEach
  void certificates() {
    files =
        new TlsFiles(
            folder.resolve("tls.crt"), folder.resolve("tls.key"), folder.resolve("clients.crt"));
    serve(SERVER);
    trust(CA);
  }

  private void serve(TestCertificate server) {
    write(files.certificate(), server.chainPem());
    write(files.key(), server.pkcs8Pem());
  }

  private void trust(TestCertificate... clients) {
    write(files.trustedClients(), TestCertificate.together(clients));
  }

  private TestHost host() {
    return host(TestHost.LIMITS);
  }

  private TestHost host(ConnectionLimits limits) {
    TcpOptions tcp = new TcpOptions("127.0.0.1:0", files, engine, Duration.ofHours(1));
    return new TestHost(Optional.of(tcp), Optional.empty(), limits);
  }

  private static ManagedChannel channel(TestHost host, TestCertificate client) {
    return TlsClients.channel(host, client, CA.certificate(), NAME);
  }

  private static void assertServed(TestHost host, TestCertificate client) {
    assertThat(TestHost.where(channel(host, client))).contains("Tcp[");
  }

  private static void assertRefused(TestHost host, TestCertificate client, String reason) {
    int before = host.refused.size();
    assertThatThrownBy(() -> TestHost.where(channel(host, client)))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("UNAVAILABLE");
    await().until(() -> host.refused.size() > before);
    assertThat(host.refused).containsOnly("tcp " + reason);
  }

  @Nested
  class Clients {
    @Test
    void with_a_certificate_of_the_authority_are_served_and_known_by_name() {
      try (TestHost host = host().start()) {
        assertThat(TestHost.where(channel(host, CLIENT)))
            .startsWith(
                "Tcp[serverName=Optional[hello.howdah.dev], clientSubject=CN=operator,"
                    + " remoteAddress=127.0.0.1:");
        assertThat(host.refused).isEmpty();
      }
    }

    @Test
    void with_a_pinned_self_signed_certificate_are_served() {
      trust(SELF_SIGNED);
      try (TestHost host = host().start()) {
        assertServed(host, SELF_SIGNED);
      }
    }

    @Test
    void with_a_pinned_certificate_of_an_authority_that_is_not_in_the_file_are_served() {
      trust(CLIENT);
      try (TestHost host = host().start()) {
        assertServed(host, CLIENT);
        assertRefused(host, named("sister").issuedBy(CA).make(), "untrusted");
      }
    }

    @Test
    void with_a_certificate_whose_chain_is_in_the_file_are_served() {
      write(files.trustedClients(), CLIENT.chainPem());
      try (TestHost host = host().start()) {
        assertServed(host, CLIENT);
      }
    }

    @Test
    void that_send_their_intermediates_along_are_served() {
      TestCertificate intermediate = named("Intermediate").authority().issuedBy(CA).make();
      try (TestHost host = host().start()) {
        assertServed(host, named("deep").issuedBy(intermediate).make());
      }
    }

    @Test
    void with_an_rsa_key_are_served() {
      try (TestHost host = host().start()) {
        assertServed(host, named("rsa").rsa().issuedBy(CA).make());
      }
    }

    @Test
    void with_a_key_that_only_the_jdk_takes_are_served_by_it() {
      try (TestHost host = host().start()) {
        TestCertificate long521 = named("P-521").bits(521).issuedBy(CA).make();
        if (engine == TlsEngine.JDK) {
          assertServed(host, long521);
        } else {
          assertRefused(host, long521, "protocol");
        }
      }
    }

    @Test
    void with_such_a_key_are_served_where_the_trusted_file_shows_it() {
      TestCertificate long521 = named("P-521").bits(521).make();
      trust(CA, long521);
      TcpOptions tcp = new TcpOptions("127.0.0.1:0", files, TlsEngine.AUTO);
      try (TestHost host = new TestHost(Optional.of(tcp), Optional.empty()).start()) {
        assertServed(host, long521);
        assertServed(host, CLIENT);
      }
    }

    @Test
    void with_an_expired_certificate_of_the_authority_are_refused_and_counted() {
      try (TestHost host = host().start()) {
        assertRefused(host, named("late").issuedBy(CA).expired().make(), "expired");
      }
    }

    @Test
    void with_an_expired_certificate_are_refused_though_it_is_pinned() {
      TestCertificate late = named("late").expired().make();
      trust(CA, late);
      try (TestHost host = host().start()) {
        assertRefused(host, late, "expired");
      }
    }

    @Test
    void of_an_authority_that_expired_are_refused() {
      TestCertificate oldCa = named("Old").authority().expired().make();
      trust(SELF_SIGNED, oldCa);
      try (TestHost host = host().start()) {
        assertRefused(host, named("orphan").issuedBy(oldCa).make(), "untrusted");
      }
    }

    @Test
    void with_a_certificate_that_is_not_valid_yet_are_refused_and_counted() {
      try (TestHost host = host().start()) {
        assertRefused(host, named("early").issuedBy(CA).notYetValid().make(), "not-yet-valid");
      }
    }

    @Test
    void with_a_certificate_of_somebody_else_are_refused_and_counted() {
      TestCertificate otherCa = named("Authority").authority().make();
      try (TestHost host = host().start()) {
        assertRefused(host, named("operator").issuedBy(otherCa).make(), "untrusted");
      }
    }

    @Test
    void with_a_certificate_for_servers_are_refused_even_when_it_is_pinned() {
      TestCertificate server = named("server").issuedBy(CA).forServer("x.example").make();
      trust(CA, server);
      try (TestHost host = host().start()) {
        assertRefused(host, server, "not-for-client-auth");
      }
    }

    @Test
    void with_a_certificate_whose_key_may_not_sign_are_refused() {
      TestCertificate cipher =
          named("cipher").issuedBy(CA).keyUsage(KeyUsage.keyEncipherment).make();
      // A JDK client keeps such a certificate to itself, so this asks the check directly.
      ClientTrust trust = new ClientTrust(List.of(CA.certificate()), InstantSource.system());
      assertThatThrownBy(() -> trust.check(List.of(cipher.chain())))
          .isInstanceOfSatisfying(
              CertificateRefusedException.class,
              e -> assertThat(e.reason()).isEqualTo(Refusal.NOT_FOR_CLIENT_AUTH));
    }

    @Test
    void with_a_name_made_to_fill_the_log_get_one_short_line_of_it() {
      TestCertificate loud = named("z" + ",OU=zzzzzzzz".repeat(500) + ",OU=x\u0007y").make();
      ClientTrust trust = new ClientTrust(List.of(CA.certificate()), InstantSource.system());
      assertThatThrownBy(() -> trust.check(List.of(loud.chain())))
          .hasMessageContaining("\"OU=x?y,OU=zzz")
          .message()
          .hasSizeLessThan(400)
          .doesNotContainPattern("\\p{Cntrl}");
    }

    @Test
    void without_a_certificate_are_refused_and_counted() throws Exception {
      try (TestHost host = host().start();
          SSLSocket socket =
              TlsClients.connect(
                  TlsClients.context((TestCertificate) null, CA.certificate()),
                  host.port(),
                  NAME)) {
        assertThatThrownBy(() -> readToEnd(socket)).hasMessageContaining("certificate_required");
        await().untilAsserted(() -> assertThat(host.refused).containsExactly("tcp missing"));
      }
    }

    @Test
    void that_speak_tls_1_2_are_refused_and_counted() throws Exception {
      try (TestHost host = host().start();
          SSLSocket socket =
              TlsClients.connect(TlsClients.context(CLIENT, CA.certificate()), host.port(), NAME)) {
        socket.setEnabledProtocols(new String[] {"TLSv1.2"});
        assertThatThrownBy(socket::startHandshake).hasMessageContaining("protocol_version");
        await().untilAsserted(() -> assertThat(host.refused).containsExactly("tcp protocol"));
      }
    }

    @Test
    void that_do_not_offer_h2_are_refused_and_counted() throws Exception {
      try (TestHost host = host().start();
          SSLSocket socket =
              TlsClients.connect(TlsClients.context(CLIENT, CA.certificate()), host.port(), NAME)) {
        var parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {"http/1.1"});
        socket.setSSLParameters(parameters);
        socket.startHandshake();
        readToEnd(socket);
        await().untilAsserted(() -> assertThat(host.refused).containsExactly("tcp protocol"));
      }
    }

    @Test
    void are_not_told_which_issuers_are_accepted() throws Exception {
      TlsClients.AskedIssuers keys =
          new TlsClients.AskedIssuers((X509ExtendedKeyManager) TlsClients.keyManagers(CLIENT)[0]);
      SSLContext context = TlsClients.context(new KeyManager[] {keys}, CA.certificate());
      try (TestHost host = host().start();
          SSLSocket socket = TlsClients.connect(context, host.port(), NAME)) {
        socket.startHandshake();
        assertThat(socket.getApplicationProtocol()).isEqualTo("h2");
        assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
        assertThat(keys.asked).isZero();
      }
    }

    @Test
    void get_nothing_to_resume_a_session_with_and_skip_the_check() throws Exception {
      SSLContext context = TlsClients.context(CLIENT, CA.certificate());
      try (TestHost host = host().start();
          SSLSocket socket = TlsClients.connect(context, host.port(), NAME)) {
        socket.startHandshake();
        socket.getOutputStream().write(Http2Bytes.prefaceWithSettings().array());
        // A ticket would come ahead of the server's first frame.
        assertThat(socket.getInputStream().read()).isNotNegative();
        // The client keeps the session itself, and one more for each ticket.
        assertThat(Collections.list(context.getClientSessionContext().getIds()))
            .containsExactly(socket.getSession().getId());
      }
    }
  }

  @Nested
  class Rotation {
    @Test
    void of_the_server_certificate_shows_to_new_connections_and_drops_no_call() throws Exception {
      TestCertificate next = named("Next").issuedBy(CA).forServer(NAME).make();
      try (TestHost host = host().start()) {
        ManagedChannel old = channel(host, CLIENT);
        Future<byte[]> inFlight = host.beginWait(old);
        assertThat(servedSubject(host)).isEqualTo("CN=Server");

        serve(next);

        assertThat(servedSubject(host)).isEqualTo("CN=Next");
        assertThat(TestHost.where(old)).contains("Tcp[");
        host.release.countDown();
        assertThat(inFlight.get(10, TimeUnit.SECONDS)).asString().isEqualTo("released");
        assertThat(host.listeners.tls().orElseThrow().server().subject()).isEqualTo("CN=Next");
      }
    }

    @Test
    void of_the_trusted_clients_counts_for_new_connections_and_drops_no_call() throws Exception {
      try (TestHost host = host().start()) {
        ManagedChannel old = channel(host, CLIENT);
        Future<byte[]> inFlight = host.beginWait(old);

        trust(SELF_SIGNED);

        assertServed(host, SELF_SIGNED);
        assertRefused(host, CLIENT, "untrusted");
        assertThat(TestHost.where(old)).contains("Tcp[");
        host.release.countDown();
        assertThat(inFlight.get(10, TimeUnit.SECONDS)).asString().isEqualTo("released");
      }
    }

    @Test
    void by_a_turned_link_as_kubernetes_does_it_is_noticed() throws Exception {
      Path mount = Files.createDirectory(folder.resolve("mount"));
      secret(mount.resolve("..first"), SERVER);
      secret(mount.resolve("..second"), named("Next").issuedBy(CA).forServer(NAME).make());
      turnLink(mount, "..first");
      for (String name : List.of("tls.crt", "tls.key", "clients.crt")) {
        Files.createSymbolicLink(mount.resolve(name), Path.of("..data", name));
      }
      files =
          new TlsFiles(
              mount.resolve("tls.crt"), mount.resolve("tls.key"), mount.resolve("clients.crt"));
      try (TestHost host = host().start()) {
        assertThat(servedSubject(host)).isEqualTo("CN=Server");
        turnLink(mount, "..second");
        assertThat(servedSubject(host)).isEqualTo("CN=Next");
      }
    }

    private void secret(Path directory, TestCertificate server) throws IOException {
      Files.createDirectory(directory);
      write(directory.resolve("tls.crt"), server.chainPem());
      write(directory.resolve("tls.key"), server.pkcs8Pem());
      write(directory.resolve("clients.crt"), CA.certificatePem());
    }

    private void turnLink(Path mount, String target) throws IOException {
      Path fresh = Files.createSymbolicLink(mount.resolve("..data_tmp"), Path.of(target));
      Files.move(fresh, mount.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    }

    @Test
    void with_a_broken_file_keeps_the_old_material_and_says_so_once() throws Exception {
      try (TestHost host = host().start()) {
        String whole = Files.readString(files.certificate());
        write(files.certificate(), whole.substring(0, whole.length() / 3));

        assertThat(servedSubject(host)).isEqualTo("CN=Server");
        assertThat(servedSubject(host)).isEqualTo("CN=Server");

        assertThat(host.tlsChanges).hasSize(2);
        assertThat(host.listeners.tls().orElseThrow().problem())
            .hasValueSatisfying(
                problem ->
                    assertThat(problem)
                        .contains(files.certificate().toString(), "may be half written"));

        write(files.certificate(), whole);
        assertThat(servedSubject(host)).isEqualTo("CN=Server");
        assertThat(host.listeners.tls().orElseThrow().problem()).isEmpty();
      }
    }

    @Test
    void waits_for_the_key_when_only_the_certificate_is_new() throws Exception {
      TestCertificate next = named("Next").issuedBy(CA).forServer(NAME).make();
      try (TestHost host = host().start()) {
        write(files.certificate(), next.chainPem());
        assertThat(servedSubject(host)).isEqualTo("CN=Server");
        assertThat(host.listeners.tls().orElseThrow().problem().orElseThrow())
            .contains("does not belong to the first certificate");

        write(files.key(), next.pkcs8Pem());
        assertThat(servedSubject(host)).isEqualTo("CN=Next");
      }
    }

    @Test
    void with_a_file_that_is_gone_keeps_the_old_material() throws Exception {
      try (TestHost host = host().start()) {
        Files.delete(files.trustedClients());
        assertServed(host, CLIENT);
        assertThat(host.listeners.tls().orElseThrow().problem().orElseThrow())
            .isEqualTo("Cannot read " + files.trustedClients() + ": there is no such file.");
      }
    }

    @Test
    void is_noticed_without_a_handshake_too() {
      TcpOptions tcp = new TcpOptions("127.0.0.1:0", files, engine, Duration.ofMillis(100));
      try (TestHost host = new TestHost(Optional.of(tcp), Optional.empty()).start()) {
        serve(named("Next").issuedBy(CA).forServer(NAME).make());
        await()
            .untilAsserted(
                () ->
                    assertThat(host.listeners.tls().orElseThrow().server().subject())
                        .isEqualTo("CN=Next"));
      }
    }

    private String servedSubject(TestHost host) throws IOException {
      try (SSLSocket socket =
          TlsClients.connect(TlsClients.context(CLIENT, CA.certificate()), host.port(), NAME)) {
        socket.startHandshake();
        return socket.getSession().getPeerPrincipal().getName();
      }
    }
  }

  @Nested
  class Start {
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void takes_keys_in_the_traditional_form(boolean rsa) {
      TestCertificate.Order order = named("Server").issuedBy(CA).forServer(NAME);
      TestCertificate server = (rsa ? order.rsa() : order).make();
      write(files.certificate(), server.chainPem());
      write(files.key(), server.traditionalKeyPem());
      assertThat(files.key())
          .content()
          .contains(rsa ? "BEGIN RSA PRIVATE KEY" : "BEGIN EC PRIVATE KEY");
      try (TestHost host = host().start()) {
        assertServed(host, CLIENT);
      }
    }

    @Test
    void fails_with_the_name_of_the_file_that_is_missing() throws Exception {
      Files.delete(files.key());
      try (TestHost host = host()) {
        assertThatThrownBy(host::start)
            .isInstanceOf(ListenException.class)
            .hasMessage(
                "Cannot listen with TLS: Cannot read "
                    + files.key()
                    + ": there is no such file. Correct the files of --server-cert, --server-key"
                    + " and --client-cert (howdah.grpc.tls).");
      }
    }

    @Test
    void fails_clearly_when_the_address_is_taken() throws Exception {
      try (ServerSocket other = new ServerSocket(0)) {
        TcpOptions tcp = new TcpOptions("127.0.0.1:" + other.getLocalPort(), files, engine);
        try (TestHost host = new TestHost(Optional.of(tcp), Optional.empty())) {
          assertThatThrownBy(host::start)
              .isInstanceOf(ListenException.class)
              .hasMessageContaining("Address already in use")
              .hasMessageContaining("--server-address");
        }
      }
    }

    @Test
    void opens_no_socket_when_tcp_fails_and_no_port_when_a_socket_fails() throws Exception {
      Path sockets = Files.createDirectory(folder.resolve("sockets"));
      Files.writeString(sockets.resolve("in.the.way"), "");
      int port;
      try (ServerSocket free = new ServerSocket(0)) {
        port = free.getLocalPort();
      }
      TcpOptions tcp = new TcpOptions("127.0.0.1:" + port, files, engine);
      SocketOptions socket = new SocketOptions(sockets, List.of("good.example", "in.the.way"));
      try (TestHost host = new TestHost(Optional.of(tcp), Optional.of(socket))) {
        assertThatThrownBy(host::start).hasMessageContaining("in.the.way");
        assertThat(sockets.resolve("good.example")).doesNotExist();
        assertThatThrownBy(() -> new Socket("127.0.0.1", port).close())
            .isInstanceOf(IOException.class);
      }
    }

    @ParameterizedTest
    @ValueSource(strings = {"9090", "host:", ":-1", ":65536", "::1:9090", "host:http"})
    void refuses_an_address_that_is_none(String address) {
      assertThatThrownBy(() -> new TcpOptions(address, files))
          .isInstanceOf(ListenException.class)
          .hasMessageContaining("\"" + address + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {":0", "[::1]:0", "localhost:9090", "10.0.0.1:1"})
    void takes_an_address_without_host_and_an_ipv6_one(String address) {
      assertThat(new TcpOptions(address, files).socketAddress()).isNotNull();
    }
  }

  @Nested
  class Limits {
    private final ConnectionLimits impatient =
        new ConnectionLimits(
            4096, 4096, 8, 4, Duration.ofMillis(300), Duration.ofSeconds(1), Duration.ofHours(1));

    @Test
    void close_a_connection_without_a_handshake() throws Exception {
      try (TestHost host = host(impatient).start();
          Socket silent = new Socket("127.0.0.1", host.port())) {
        readToEnd(silent);
        await().untilAsserted(() -> assertThat(host.refused).containsExactly("tcp timeout"));
        await().until(() -> host.listeners.openConnections() == 0);
      }
    }

    @Test
    void close_a_connection_that_stays_silent_after_the_handshake() throws Exception {
      try (TestHost host = host(impatient).start();
          SSLSocket silent =
              TlsClients.connect(TlsClients.context(CLIENT, CA.certificate()), host.port(), NAME)) {
        silent.startHandshake();
        readToEnd(silent);
        await().untilAsserted(() -> assertThat(host.refused).containsExactly("tcp timeout"));
      }
    }

    @Test
    void let_the_operator_in_while_others_flood_the_port() throws Exception {
      ConnectionLimits few =
          new ConnectionLimits(
              4096, 4096, 3, 4, Duration.ofSeconds(10), Duration.ofSeconds(1), Duration.ofHours(1));
      try (TestHost host = host(few).start()) {
        Socket[] flood = new Socket[10];
        for (int i = 0; i < flood.length; i++) {
          flood[i] = new Socket("127.0.0.1", host.port());
        }
        await().until(() -> host.refused.size() == 7);
        assertServed(host, CLIENT);
        for (Socket socket : flood) {
          socket.close();
        }
      }
    }

    @Test
    void count_garbage_as_such_and_the_server_lives() throws Exception {
      try (TestHost host = host().start()) {
        for (int i = 0; i < 50; i++) {
          try (Socket garbage = new Socket("127.0.0.1", host.port())) {
            garbage
                .getOutputStream()
                .write(("garbage " + i + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            readToEnd(garbage);
          }
        }
        await().until(() -> host.listeners.openConnections() == 0);
        assertThat(host.refused).hasSize(50).containsOnly("tcp protocol");
        assertServed(host, CLIENT);
      }
    }

    @Test
    void do_not_count_a_port_check_as_more_than_that() throws Exception {
      try (TestHost host = host().start()) {
        new Socket("127.0.0.1", host.port()).close();
        await().untilAsserted(() -> assertThat(host.refused).containsExactly("tcp aborted"));
      }
    }
  }

  @Test
  void metrics_show_refusals_by_reason_expiry_and_failed_reloads() {
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    ListenMetrics metrics = new ListenMetrics(registry);
    ReloadingTls tls = new ReloadingTls(files, engine, InstantSource.system(), metrics);
    metrics.refused("tcp", Refusal.EXPIRED);

    assertThat(
            registry
                .get("howdah.connections.refused")
                .tags("listener", "tcp", "reason", "expired")
                .counter()
                .count())
        .isEqualTo(1);
    assertThat(
            registry
                .get("howdah.tls.certificate.expiry.timestamp")
                .tags("role", "server", "subject", "CN=Server")
                .gauge()
                .value())
        .isEqualTo(SERVER.certificate().getNotAfter().toInstant().getEpochSecond());
    assertThat(registry.get("howdah.tls.reload.failed").gauge().value()).isZero();

    trust(SELF_SIGNED);
    tls.refresh();
    assertThat(
            registry
                .find("howdah.tls.certificate.expiry.timestamp")
                .tag("role", "trusted")
                .gauges())
        .singleElement()
        .extracting(gauge -> gauge.getId().getTag("subject"))
        .isEqualTo("CN=self-signed");

    write(files.key(), "nothing");
    tls.refresh();
    assertThat(registry.get("howdah.tls.reload.failed").gauge().value()).isEqualTo(1);
  }

  private static void readToEnd(Socket socket) throws IOException {
    socket.setSoTimeout(20_000);
    try {
      while (socket.getInputStream().read() >= 0) {
        // Whatever it says before it closes.
      }
    } catch (java.net.SocketException e) {
      // A reset is an end as well.
      assertThat(e).hasMessageContaining("reset");
    }
  }
}
