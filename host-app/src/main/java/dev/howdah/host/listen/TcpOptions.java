package dev.howdah.host.listen;

import dev.howdah.host.config.TlsEngine;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * The TCP endpoint.
 *
 * @param address {@code host:port}, {@code :port} for all interfaces, {@code [v6]:port}; port 0
 *     takes a free one
 * @param tls certificates
 * @param engine whose TLS it is
 * @param certificateCheck how often the certificate files are read again, besides the cheap check
 *     that each handshake makes; at least 100 ms
 */
public record TcpOptions(
    String address, TlsFiles tls, TlsEngine engine, Duration certificateCheck) {
  private static final Duration SHORTEST_CHECK = Duration.ofMillis(100);

  /** Validates. */
  public TcpOptions {
    socketAddress(address);
    if (certificateCheck.compareTo(SHORTEST_CHECK) < 0) {
      throw new IllegalArgumentException(
          "The certificate check interval is %s; it must be at least 100 ms."
              .formatted(certificateCheck));
    }
  }

  /** Uses native TLS where there is one, and checks the certificate files every ten seconds. */
  public TcpOptions(String address, TlsFiles tls) {
    this(address, tls, TlsEngine.AUTO);
  }

  /** Checks the certificate files every ten seconds. */
  public TcpOptions(String address, TlsFiles tls, TlsEngine engine) {
    this(address, tls, engine, Duration.ofSeconds(10));
  }

  InetSocketAddress socketAddress() {
    return socketAddress(address);
  }

  static InetSocketAddress socketAddress(String address) {
    int colon = address.lastIndexOf(':');
    String host = colon < 0 ? "" : address.substring(0, colon);
    boolean bareV6 = host.contains(":") && !(host.startsWith("[") && host.endsWith("]"));
    if (colon < 0 || bareV6) {
      throw badAddress(address);
    }
    int port = port(address, address.substring(colon + 1));
    return host.isEmpty() ? new InetSocketAddress(port) : new InetSocketAddress(host, port);
  }

  private static int port(String address, String port) {
    try {
      int number = Integer.parseInt(port);
      if (number >= 0 && number <= 65535) {
        return number;
      }
    } catch (NumberFormatException e) {
      // The same complaint as for a number out of range.
    }
    throw badAddress(address);
  }

  private static ListenException badAddress(String address) {
    return new ListenException(
        "The address \"%s\" is not host:port, :port or [IPv6]:port, port 0 to 65535. Correct it."
            .formatted(address));
  }
}
