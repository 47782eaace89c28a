package dev.howdah.host.listen;

import static dev.howdah.host.listen.TestCertificate.named;
import static dev.howdah.host.listen.TestCertificate.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.host.config.TlsEngine;
import io.grpc.ManagedChannel;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Certificates that change while TCP is served, and what is shown of them. */
@ParameterizedClass
@EnumSource(names = {"NATIVE", "JDK"})
class TcpRotationTest extends MutualTls {
  TcpRotationTest(TlsEngine engine) {
    super(engine);
  }

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
}
