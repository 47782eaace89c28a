package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.advice;
import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.operator;

import dev.howdah.sanity.Check;
import dev.howdah.sanity.Target;
import dev.howdah.sanity.driver.Credentials;
import dev.howdah.sanity.driver.Handshake;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.UndecidedException;
import dev.howdah.sanity.driver.Wire;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import javax.security.auth.x500.X500Principal;

/** Mutual TLS on TCP, as grpc-go speaks it. */
final class TlsChecks {
  private static final String CONFIG =
      "operator: internal/controller/plugin_controller.go, tls.Config with MinVersion TLS 1.3,"
          + " RootCAs from the server Secret's tls.crt";
  private static final Duration LEAST_VALIDITY = Duration.ofDays(7);
  private static final Duration ROTATION = Duration.ofSeconds(20);
  private static final int DNS_NAME = 2;
  private static final int IP_ADDRESS = 7;

  private TlsChecks() {}

  static List<Check> all() {
    return List.of(
        operator("TLS-01", "TLS 1.3 is accepted.")
            .cites(CONFIG)
            .remedy("Switch TLS 1.3 on; the operator speaks nothing older.")
            .when(Need.TCP)
            .tested((s, f) -> shakes(s, f, "TLSv1.3")),
        advice("TLS-02", "TLS older than 1.3 is refused.")
            .cites("the operator never offers it, so nobody needs it")
            .remedy("Set the least version to TLS 1.3.")
            .when(Need.TCP)
            .tested(
                (s, f) -> {
                  try {
                    Handshake.with(tcp(s), "TLSv1.2");
                    f.add("a TLS 1.2 handshake went through");
                  } catch (IOException e) {
                    // Refused, as it should be.
                    return;
                  }
                }),
        must("TLS-03", "A client without a certificate is refused.")
            .cites("CNPG-I over TCP is mutual TLS; else anyone in the cluster drives the plugin")
            .remedy("Require and verify client certificates.")
            .when(Need.TCP, Need.CONNECTION)
            .tested((s, f) -> refuses(s, f, Credentials.none(), "no certificate")),
        must("TLS-04", "A client certificate from another authority is refused.")
            .cites("CNPG-I over TCP is mutual TLS; else anyone in the cluster drives the plugin")
            .remedy("Verify client certificates against the client Secret, not just their form.")
            .when(Need.TCP, Need.CONNECTION)
            .tested((s, f) -> refuses(s, f, Credentials.stranger(), "a stranger's certificate")),
        operator("TLS-05", "The served certificate is trusted by way of its own Secret's tls.crt.")
            .cites(CONFIG + "; ca.crt is never read")
            .remedy("Serve the certificate of the Secret that pluginServerSecret names.")
            .when(Need.TCP)
            .tested(TlsChecks::trusted),
        operator("TLS-06", "The served certificate has the server name among its DNS names.")
            .cites(
                CONFIG
                    + ", ServerName from the annotation cnpg.io/pluginServerName or the Service's"
                    + " name; Go ignores the common name")
            .remedy("Add the name to the certificate's subject alternative names.")
            .when(Need.TCP)
            .tested(TlsChecks::named),
        operator("TLS-07", "A certificate replaced on disk is served without a restart.")
            .cites("operator: a changed Secret is trusted at once, the old certificate no longer")
            .remedy("Read the files for each handshake, or watch them.")
            .when(
                Need.TCP,
                new Need(
                    "wants --rotate, a command that replaces the certificate",
                    s -> !s.options().rotate().isEmpty()))
            .tested(TlsChecks::rotates),
        advice("TLS-08", "The served certificate is valid for more than 7 days.")
            .cites("an expired certificate stops every Cluster that names the plugin")
            .remedy("Renew earlier.")
            .when(Need.TCP)
            .tested(
                (s, f) -> {
                  Instant end = handshake(s).chain().getFirst().getNotAfter().toInstant();
                  f.unless(end.isAfter(Instant.now().plus(LEAST_VALIDITY)), "it ends at %s", end);
                }),
        operator("TLS-09", "The application protocol h2 is agreed on.")
            .cites("grpc-go closes a TLS connection on which no protocol was agreed")
            .remedy("Offer h2 by ALPN.")
            .when(Need.TCP)
            .tested(
                (s, f) -> {
                  String application = handshake(s).application();
                  f.unless(application.equals("h2"), "agreed on '%s'", application);
                }),
        operator(
                "TLS-10",
                "The list of issuers that the server accepts is empty or has the issuer of the"
                    + " operator's certificate.")
            .cites("Go's client shows no certificate when the list has other issuers only")
            .remedy("Send an empty list and verify the certificate yourself.")
            .when(Need.TCP)
            .tested(TlsChecks::issuers));
  }

  private static Target.Tcp tcp(Session session) {
    return (Target.Tcp) session.target();
  }

  private static void shakes(Session session, Findings findings, String protocol) {
    try {
      Handshake.with(tcp(session), protocol);
    } catch (IOException e) {
      findings.add("the handshake fails: %s", e.getMessage());
    }
  }

  private static Handshake handshake(Session session) {
    return session.given(
        "a TLS handshake", () -> Handshake.with(tcp(session), "TLSv1.3", "TLSv1.2"));
  }

  private static void refuses(
      Session session, Findings findings, Credentials credentials, String shown) {
    session.metadata();
    String name = tcp(session).serverName();
    try (Wire wire = session.endpoint().open(credentials, name, name)) {
      IdentityChecks.metadata(wire);
      findings.add("a call with %s went through", shown);
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED) {
        findings.add("a call with %s was left hanging", shown);
      }
    }
  }

  private static void trusted(Session session, Findings findings) throws Exception {
    List<X509Certificate> roots = Credentials.certificates(tcp(session).ca());
    List<X509Certificate> chain = handshake(session).chain();
    X509Certificate leaf = chain.getFirst();
    Instant now = Instant.now();
    if (now.isAfter(leaf.getNotAfter().toInstant())
        || now.isBefore(leaf.getNotBefore().toInstant())) {
      findings.add("it is valid from %s to %s only", leaf.getNotBefore(), leaf.getNotAfter());
      return;
    }
    if (!roots.contains(leaf) && !verifies(roots, chain)) {
      findings.add(
          "'%s', issued by '%s', leads to none of the %d certificates in %s",
          leaf.getSubjectX500Principal(),
          leaf.getIssuerX500Principal(),
          roots.size(),
          tcp(session).ca());
    }
  }

  private static boolean verifies(List<X509Certificate> roots, List<X509Certificate> chain)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    for (int i = 0; i < roots.size(); i++) {
      store.setCertificateEntry("root-" + i, roots.get(i));
    }
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    for (TrustManager manager : factory.getTrustManagers()) {
      try {
        ((X509TrustManager) manager)
            .checkServerTrusted(
                chain.toArray(X509Certificate[]::new),
                chain.getFirst().getPublicKey().getAlgorithm().equals("RSA")
                    ? "ECDHE_RSA"
                    : "ECDHE_ECDSA");
        return true;
      } catch (java.security.cert.CertificateException e) {
        return false;
      }
    }
    return false;
  }

  private static void named(Session session, Findings findings) throws Exception {
    String wanted = tcp(session).serverName();
    Collection<List<?>> names = handshake(session).chain().getFirst().getSubjectAlternativeNames();
    List<String> found =
        (names == null ? Stream.<List<?>>of() : names.stream())
            .filter(name -> name.getFirst().equals(DNS_NAME) || name.getFirst().equals(IP_ADDRESS))
            .map(name -> String.valueOf(name.get(1)))
            .toList();
    findings.unless(
        found.stream().anyMatch(name -> covers(name, wanted)),
        "the server name is '%s', the certificate has %s",
        wanted,
        found);
  }

  private static boolean covers(String pattern, String name) {
    String lower = pattern.toLowerCase(Locale.ROOT);
    String wanted = name.toLowerCase(Locale.ROOT);
    if (lower.startsWith("*.")) {
      int dot = wanted.indexOf('.');
      return dot > 0 && wanted.substring(dot).equals(lower.substring(1));
    }
    return lower.equals(wanted);
  }

  private static void rotates(Session session, Findings findings) throws Exception {
    X509Certificate before = Handshake.with(tcp(session), "TLSv1.3", "TLSv1.2").chain().getFirst();
    Session.command(session.options().rotate(), session.options().timeout());
    long end = System.nanoTime() + ROTATION.toNanos();
    while (System.nanoTime() < end) {
      if (!Handshake.with(tcp(session), "TLSv1.3", "TLSv1.2").chain().getFirst().equals(before)) {
        return;
      }
      Thread.sleep(Duration.ofMillis(250));
    }
    findings.add(
        "%d s after the rotation the old certificate is still served", ROTATION.toSeconds());
  }

  private static void issuers(Session session, Findings findings) {
    List<X509Certificate> own = Credentials.certificates(tcp(session).cert());
    List<Principal> accepted = handshake(session).acceptedIssuers();
    if (own.isEmpty()) {
      throw new UndecidedException("there is no client certificate");
    }
    List<X500Principal> issuers =
        own.stream().map(X509Certificate::getIssuerX500Principal).toList();
    findings.unless(
        accepted.isEmpty() || accepted.stream().anyMatch(issuers::contains),
        "the server accepts %s, the certificate was issued by %s",
        accepted,
        issuers);
  }
}
