package dev.howdah.host.listen;

import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * An HTTPS endpoint.
 *
 * @param address {@code host:port}, {@code :port} for all interfaces; port 0 takes a free one
 * @param tls its certificate
 * @param maxBodyBytes longest body of a request; longer ones are answered 413
 * @param maxConnections open connections; further ones are closed
 * @param requestTimeout time from a request's first byte to its last, and for the TLS handshake
 * @param idleTimeout how long a connection may wait for its next request
 */
public record HttpsOptions(
    String address,
    HttpsTls tls,
    int maxBodyBytes,
    int maxConnections,
    Duration requestTimeout,
    Duration idleTimeout) {

  /** Checks the address. */
  public HttpsOptions {
    TcpOptions.socketAddress(address);
  }

  InetSocketAddress socketAddress() {
    return TcpOptions.socketAddress(address);
  }
}
