package dev.howdah.host.listen;

import java.security.cert.CertificateException;

/** A client's certificate is not accepted; fails the handshake with a certificate alert. */
final class CertificateRefusedException extends CertificateException {
  private static final long serialVersionUID = 1L;

  private final Refusal reason;

  CertificateRefusedException(Refusal reason, String message) {
    super(message);
    this.reason = reason;
  }

  Refusal reason() {
    return reason;
  }
}
