package dev.howdah.host.config;

/**
 * Whose TLS it is that gRPC's connections are encrypted with.
 *
 * <p>The JDK's is written in Java, and slow until it is compiled: just when an operator connects to
 * a host that has started, and again and again where the quick compiler is all there is. {@code
 * benchmarks/run handshake} shows both, {@code benchmarks/run fleet} what the start is about.
 */
public enum TlsEngine {
  /**
   * {@link #NATIVE} where it can be loaded and takes the keys of the certificates in the files,
   * else {@link #JDK}.
   */
  AUTO,
  /**
   * BoringSSL, as a library that is unpacked into the temporary folder. Takes certificates with RSA
   * keys and those of the curves P-256 and P-384.
   */
  NATIVE,
  /** The JDK's. Takes certificates with Ed25519 keys and the curve P-521 as well. */
  JDK
}
