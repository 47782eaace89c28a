package dev.howdah.host.listen;

import java.net.Socket;
import java.security.InvalidAlgorithmParameterException;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertStore;
import java.security.cert.CertificateParsingException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether a client's certificate is accepted: it is in the file of trusted clients itself,
 * or a certificate authority in that file issued it, directly or through intermediates that the
 * client sends along.
 *
 * <p>Made for one content of the file; immutable, thread-safe.
 */
final class ClientTrust extends X509ExtendedTrustManager {
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final String ANY_USAGE = "2.5.29.37.0";
  private static final int DIGITAL_SIGNATURE = 0;
  private static final int LONGEST_SUBJECT = 200;

  private final Set<X509Certificate> trusted;
  private final InstantSource clock;

  ClientTrust(List<X509Certificate> trusted, InstantSource clock) {
    this.trusted = Set.copyOf(trusted);
    this.clock = clock;
  }

  /**
   * None, since a Go client keeps its certificate to itself unless its issuer is in this list or
   * the list is empty.
   */
  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateRefusedException {
    forbidResumption(engine.getHandshakeSession());
    check(List.of(chain));
  }

  /**
   * A resumed session skips this check, so it would outlive the certificate's validity and its
   * place in the file: no session gets a ticket.
   */
  private static void forbidResumption(@Nullable SSLSession session) {
    if (session == null) {
      throw new IllegalStateException("A handshake in progress has no session.");
    }
    session.invalidate();
  }

  void check(List<X509Certificate> chain) throws CertificateRefusedException {
    X509Certificate leaf = chain.getFirst();
    checkValidity(leaf);
    checkUsage(leaf);
    // The JDK's own check takes a certificate that is its own anchor without looking at its dates.
    if (!trusted.contains(leaf)) {
      checkIssuer(leaf, chain);
    }
  }

  private void checkValidity(X509Certificate leaf) throws CertificateRefusedException {
    Instant now = clock.instant();
    if (now.isAfter(leaf.getNotAfter().toInstant())) {
      throw refused(Refusal.EXPIRED, leaf, "expired at " + leaf.getNotAfter().toInstant());
    }
    if (now.isBefore(leaf.getNotBefore().toInstant())) {
      throw refused(
          Refusal.NOT_YET_VALID, leaf, "is valid only from " + leaf.getNotBefore().toInstant());
    }
  }

  private static void checkUsage(X509Certificate leaf) throws CertificateRefusedException {
    boolean[] keyUsage = leaf.getKeyUsage();
    if (keyUsage != null && !keyUsage[DIGITAL_SIGNATURE]) {
      throw refused(Refusal.NOT_FOR_CLIENT_AUTH, leaf, "may not sign (key usage)");
    }
    List<String> extended = extendedUsage(leaf);
    if (extended != null && !extended.contains(CLIENT_AUTH) && !extended.contains(ANY_USAGE)) {
      throw refused(
          Refusal.NOT_FOR_CLIENT_AUTH, leaf, "is not for TLS clients (extended key usage)");
    }
  }

  private static @Nullable List<String> extendedUsage(X509Certificate leaf)
      throws CertificateRefusedException {
    try {
      return leaf.getExtendedKeyUsage();
    } catch (CertificateParsingException e) {
      throw refused(Refusal.NOT_FOR_CLIENT_AUTH, leaf, "has a malformed extended key usage");
    }
  }

  private void checkIssuer(X509Certificate leaf, List<X509Certificate> chain)
      throws CertificateRefusedException {
    Set<TrustAnchor> anchors = validAuthorities();
    if (anchors.isEmpty()) {
      throw refused(Refusal.UNTRUSTED, leaf, "is not in the file of trusted clients");
    }
    try {
      X509CertSelector target = new X509CertSelector();
      target.setCertificate(leaf);
      PKIXBuilderParameters parameters = new PKIXBuilderParameters(anchors, target);
      parameters.addCertStore(
          CertStore.getInstance("Collection", new CollectionCertStoreParameters(chain)));
      parameters.setRevocationEnabled(false);
      parameters.setDate(Date.from(clock.instant()));
      CertPathBuilder.getInstance("PKIX").build(parameters);
    } catch (CertPathBuilderException e) {
      throw refused(
          Refusal.UNTRUSTED,
          leaf,
          "is neither in the file of trusted clients nor issued by a valid authority in it");
    } catch (InvalidAlgorithmParameterException | NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK can build PKIX certification paths.", e);
    }
  }

  /** Path building takes anchors as they are; one that expired vouches for nobody any more. */
  private Set<TrustAnchor> validAuthorities() {
    Instant now = clock.instant();
    Set<TrustAnchor> anchors = new HashSet<>();
    for (X509Certificate certificate : trusted) {
      boolean authority = certificate.getBasicConstraints() >= 0;
      boolean valid =
          !now.isAfter(certificate.getNotAfter().toInstant())
              && !now.isBefore(certificate.getNotBefore().toInstant());
      if (authority && valid) {
        anchors.add(new TrustAnchor(certificate, null));
      }
    }
    return anchors;
  }

  private static CertificateRefusedException refused(
      Refusal reason, X509Certificate leaf, String why) {
    return new CertificateRefusedException(
        reason, "The client certificate \"%s\" %s.".formatted(printable(leaf), why));
  }

  /** A stranger chose the name: it gets one short line of the log. */
  private static String printable(X509Certificate leaf) {
    String subject = leaf.getSubjectX500Principal().getName().replaceAll("\\p{Cntrl}", "?");
    return subject.length() <= LONGEST_SUBJECT
        ? subject
        : subject.substring(0, LONGEST_SUBJECT) + "…";
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket) {
    throw onlyForEngines();
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType) {
    throw onlyForEngines();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine) {
    throw onlyForEngines();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket) {
    throw onlyForEngines();
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType) {
    throw onlyForEngines();
  }

  private static UnsupportedOperationException onlyForEngines() {
    return new UnsupportedOperationException("Checks clients of an SSLEngine, nothing else.");
  }
}
