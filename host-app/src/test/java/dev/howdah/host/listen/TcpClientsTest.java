package dev.howdah.host.listen;

import static dev.howdah.host.listen.TestCertificate.named;
import static dev.howdah.host.listen.TestCertificate.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.howdah.host.config.TlsEngine;
import java.time.InstantSource;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedKeyManager;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Which clients TCP serves, and how the others are turned away. */
@ParameterizedClass
@EnumSource(names = {"NATIVE", "JDK"})
class TcpClientsTest extends MutualTls {
  TcpClientsTest(TlsEngine engine) {
    super(engine);
  }

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
    TestCertificate cipher = named("cipher").issuedBy(CA).keyUsage(KeyUsage.keyEncipherment).make();
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
                TlsClients.context((TestCertificate) null, CA.certificate()), host.port(), NAME)) {
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
