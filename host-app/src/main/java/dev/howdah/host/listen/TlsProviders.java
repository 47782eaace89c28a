package dev.howdah.host.listen;

import dev.howdah.host.config.TlsEngine;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslProvider;
import io.netty.internal.tcnative.SSL;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.util.List;
import javax.net.ssl.SSLEngine;

/** What the choice of a TLS engine comes to with the certificates that there are. */
final class TlsProviders {

  private TlsProviders() {}

  /**
   * What is used.
   *
   * @param engine what was chosen
   * @param server the server's certificate
   * @param trusted the clients that are trusted; those of an authority are taken to have keys like
   *     its own
   * @throws ListenException if it is {@code NATIVE} and can't be loaded
   */
  static SslProvider of(TlsEngine engine, X509Certificate server, List<X509Certificate> trusted) {
    return switch (engine) {
      case JDK -> SslProvider.JDK;
      case AUTO ->
          OpenSsl.isAvailable()
                  && isTaken(server)
                  && trusted.stream().allMatch(TlsProviders::isTaken)
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
