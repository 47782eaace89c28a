package dev.howdah.host.listen;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Why a connection did not come about.
 *
 * @param reason as counted
 * @param detail as logged; the same text for the same cause
 */
record RefusedConnection(Refusal reason, String detail) {

  /** Tells the reason from the exception that a TLS handshake failed with. */
  static RefusedConnection of(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateRefusedException refused) {
        return new RefusedConnection(refused.reason(), String.valueOf(refused.getMessage()));
      }
    }
    return switch (failure) {
      case null -> new RefusedConnection(Refusal.ABORTED, "the handshake was abandoned");
      case SslHandshakeTimeoutException _ ->
          new RefusedConnection(Refusal.TIMEOUT, "the TLS handshake took too long");
      case NotSslRecordException _ ->
          new RefusedConnection(Refusal.PROTOCOL, "the client did not speak TLS");
      case SSLException tls when isMissingCertificate(tls) ->
          new RefusedConnection(Refusal.MISSING_CERTIFICATE, "the client presented no certificate");
      case SSLException tls ->
          new RefusedConnection(Refusal.PROTOCOL, String.valueOf(tls.getMessage()));
      case ClosedChannelException _ -> new RefusedConnection(Refusal.ABORTED, "the client hung up");
      case IOException _ -> new RefusedConnection(Refusal.ABORTED, "the client hung up");
      default -> new RefusedConnection(Refusal.PROTOCOL, failure.toString());
    };
  }

  /**
   * Neither the JDK nor BoringSSL has a type for it; their messages have been the same since TLS
   * 1.3 came to them.
   */
  private static boolean isMissingCertificate(SSLException failure) {
    String message = String.valueOf(failure.getMessage());
    return message.contains("Empty client certificate chain")
        || message.contains("PEER_DID_NOT_RETURN_A_CERTIFICATE");
  }
}
