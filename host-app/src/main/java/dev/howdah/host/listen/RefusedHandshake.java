package dev.howdah.host.listen;

import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Why a TLS handshake failed, told from the exception it failed with. */
record RefusedHandshake(Refusal reason, String detail) {

  static RefusedHandshake of(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateRefusedException refused) {
        return new RefusedHandshake(refused.reason(), String.valueOf(refused.getMessage()));
      }
    }
    return switch (failure) {
      case null -> new RefusedHandshake(Refusal.ABORTED, "the handshake was abandoned");
      case SslHandshakeTimeoutException _ ->
          new RefusedHandshake(Refusal.TIMEOUT, "the TLS handshake took too long");
      case NotSslRecordException _ ->
          new RefusedHandshake(Refusal.PROTOCOL, "the client did not speak TLS");
      case SSLException tls when isMissingCertificate(tls) ->
          new RefusedHandshake(
              Refusal.MISSING_CERTIFICATE, "the client presented no certificate");
      case SSLException tls ->
          new RefusedHandshake(Refusal.PROTOCOL, String.valueOf(tls.getMessage()));
      case ClosedChannelException _ ->
          new RefusedHandshake(Refusal.ABORTED, "the client hung up");
      case IOException _ -> new RefusedHandshake(Refusal.ABORTED, "the client hung up");
      default -> new RefusedHandshake(Refusal.PROTOCOL, failure.toString());
    };
  }

  /** The JDK has no type for it; its message has been the same since TLS 1.3 came to it. */
  private static boolean isMissingCertificate(SSLException failure) {
    return String.valueOf(failure.getMessage()).contains("Empty client certificate chain");
  }
}
