package dev.howdah.host.listen;

import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import javax.net.ssl.SSLEngine;

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
  JDK;

  /**
   * What is used.
   *
   * @param server the server's certificate
   * @param trusted the clients that are trusted; those of an authority are taken to have keys like
   *     its own
   * @throws ListenException if it is {@code NATIVE} and can't be loaded
   */
  SslProvider provider(X509Certificate server, List<X509Certificate> trusted) {
    return switch (this) {
      case JDK -> SslProvider.JDK;
      case AUTO ->
          OpenSsl.isAvailable() && isTaken(server) && trusted.stream().allMatch(TlsEngine::isTaken)
              ? SslProvider.OPENSSL
              : SslProvider.JDK;
      case NATIVE -> {
        if (!OpenSsl.isAvailable()) {
          throw new ListenException(
              "Cannot listen with TLS: howdah.grpc.tls-engine is native, but its library can't be"
                  + " loaded. It is there for Linux on x86-64 and ARM64 and must be unpacked into"
                  + " java.io.tmpdir, which may not be mounted noexec. Use auto or jdk.",
              OpenSsl.unavailabilityCause());
        }
        yield SslProvider.OPENSSL;
      }
    };
  }

  /** Those that BoringSSL verifies signatures of unless it is told otherwise, which Netty can't. */
  private static boolean isTaken(X509Certificate certificate) {
    return switch (certificate.getPublicKey()) {
      case RSAPublicKey _ -> true;
      case ECPublicKey curve -> curve.getParams().getOrder().bitLength() <= 384;
      default -> false;
    };
  }

  /**
   * Gives no tickets to the client of a native engine, and takes none: a resumed session would skip
   * {@link ClientTrust}, and outlive the certificate's validity and its place in the file. With the
   * JDK's engines that class sees to it, session by session, which BoringSSL doesn't heed.
   *
   * @param engine before its handshake
   * @return the engine
   */
  static SSLEngine withoutResumption(SSLEngine engine) {
    if (engine instanceof ReferenceCountedOpenSslEngine opened) {
      SSL.setOptions(opened.sslPointer(), SSL.SSL_OP_NO_TICKET);
    }
    return engine;
  }
}
