package dev.howdah.host.listen;

/** Why a connection was turned away; {@link #tag()} is its name in metrics and logs. */
public enum Refusal {
  /** The client presented no certificate. */
  MISSING_CERTIFICATE("missing"),
  /** The client's certificate, or its issuer's, is past its last day; pinned ones too. */
  EXPIRED("expired"),
  /** The client's certificate is not valid yet; the clocks may differ. */
  NOT_YET_VALID("not-yet-valid"),
  /** Neither the certificate nor an issuer of it is in the file of trusted clients. */
  UNTRUSTED("untrusted"),
  /** The certificate's usages exclude a TLS client. */
  NOT_FOR_CLIENT_AUTH("not-for-client-auth"),
  /** Not TLS 1.3, no {@code h2}, or bytes that are no handshake at all. */
  PROTOCOL("protocol"),
  /** The handshake or the HTTP/2 preface took longer than allowed. */
  TIMEOUT("timeout"),
  /** As many connections as allowed are in use. */
  TOO_MANY_CONNECTIONS("too-many-connections"),
  /** The client hung up during the handshake; port checks do that all the time. */
  ABORTED("aborted");

  private final String tag;

  Refusal(String tag) {
    this.tag = tag;
  }

  /** The stable name used in metrics and logs. */
  public String tag() {
    return tag;
  }
}
