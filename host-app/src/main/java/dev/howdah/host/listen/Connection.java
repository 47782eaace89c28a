package dev.howdah.host.listen;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.util.Optional;
import javax.net.ssl.ExtendedSSLSession;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** The connection that a call came in on, as far as it says who is calling whom. */
public sealed interface Connection {

  /**
   * A TCP connection with mutual TLS.
   *
   * @param serverName the TLS server name as the client sent it, in ASCII; clients send none for an
   *     IP literal
   * @param clientSubject subject of the verified client certificate as an RFC 2253 name
   * @param remoteAddress the client's address and port
   */
  record Tcp(Optional<String> serverName, String clientSubject, String remoteAddress)
      implements Connection {}

  /**
   * A Unix socket.
   *
   * @param pluginName name of the socket file, which is the plugin's name
   */
  record Socket(String pluginName) implements Connection {}

  /**
   * The connection that a call came in on.
   *
   * @throws IllegalStateException if the call came in neither over TCP with TLS nor over a socket,
   *     which no listener of this package can bring about
   */
  static Connection of(ServerCall<?, ?> call) {
    return of(call.getAttributes());
  }

  /**
   * The connection that these transport attributes describe.
   *
   * @throws IllegalStateException as in {@link #of(ServerCall)}
   */
  static Connection of(Attributes attributes) {
    Connection known = attributes.get(ConnectionAttribute.KEY);
    if (known != null) {
      return known;
    }
    SocketAddress local = attributes.get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR);
    if (local instanceof UnixDomainSocketAddress socket) {
      return new Socket(String.valueOf(socket.getPath().getFileName()));
    }
    SSLSession session = attributes.get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null) {
      throw new IllegalStateException("The call came in neither over TLS nor over a Unix socket.");
    }
    SocketAddress remote = attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
    return new Tcp(serverName(session), clientSubject(session), address(remote));
  }

  private static Optional<String> serverName(SSLSession session) {
    if (!(session instanceof ExtendedSSLSession extended)) {
      return Optional.empty();
    }
    for (SNIServerName name : extended.getRequestedServerNames()) {
      if (name instanceof SNIHostName host) {
        return Optional.of(host.getAsciiName());
      }
    }
    return Optional.empty();
  }

  private static String clientSubject(SSLSession session) {
    try {
      return session.getPeerPrincipal().getName();
    } catch (SSLPeerUnverifiedException e) {
      throw new IllegalStateException("A TLS connection has no verified client certificate.", e);
    }
  }

  private static String address(@Nullable SocketAddress remote) {
    return remote == null ? "unknown" : remote.toString().replaceFirst("^/", "");
  }
}
