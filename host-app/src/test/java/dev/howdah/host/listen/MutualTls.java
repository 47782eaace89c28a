package dev.howdah.host.listen;

import static dev.howdah.host.listen.TestCertificate.named;
import static dev.howdah.host.listen.TestCertificate.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.howdah.host.config.TlsEngine;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A listener with mutual TLS whose certificates a test replaces as it likes. What is asked of it is
 * asked of both engines: each test class gets the engine as its parameter.
 */
abstract class MutualTls {
  static final String NAME = "hello.howdah.dev";

  static final TestCertificate CA = named("Authority").authority().make();
  static final TestCertificate SERVER = named("Server").issuedBy(CA).forServer(NAME).make();
  static final TestCertificate CLIENT = named("operator").issuedBy(CA).make();
  static final TestCertificate SELF_SIGNED = named("self-signed").make();

  final TlsEngine engine;

  @TempDir Path folder;
  TlsFiles files;

  MutualTls(TlsEngine engine) {
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

  void serve(TestCertificate server) {
    write(files.certificate(), server.chainPem());
    write(files.key(), server.pkcs8Pem());
  }

  void trust(TestCertificate... clients) {
    write(files.trustedClients(), TestCertificate.together(clients));
  }

  TestHost host() {
    return host(TestHost.LIMITS);
  }

  TestHost host(ConnectionLimits limits) {
    TcpOptions tcp = new TcpOptions("127.0.0.1:0", files, engine, Duration.ofHours(1));
    return new TestHost(Optional.of(tcp), Optional.empty(), limits);
  }

  static ManagedChannel channel(TestHost host, TestCertificate client) {
    return TlsClients.channel(host, client, CA.certificate(), NAME);
  }

  static void assertServed(TestHost host, TestCertificate client) {
    assertThat(TestHost.where(channel(host, client))).contains("Tcp[");
  }

  static void assertRefused(TestHost host, TestCertificate client, String reason) {
    int before = host.refused.size();
    assertThatThrownBy(() -> TestHost.where(channel(host, client)))
        .isInstanceOf(StatusRuntimeException.class)
        .hasMessageContaining("UNAVAILABLE");
    await().until(() -> host.refused.size() > before);
    assertThat(host.refused).containsOnly("tcp " + reason);
  }

  static void readToEnd(Socket socket) throws IOException {
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
