package dev.howdah.postgres;

import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import javax.net.SocketFactory;

/**
 * Lets the JDBC driver speak to PostgreSQL over its Unix socket. The JDK offers such sockets as
 * channels only, and the driver wants a {@link Socket}; that little is here rather than in a
 * library with native code, which the small sidecar would carry for every processor. The driver
 * makes it by its name, with the socket's path as argument.
 */
public final class UnixSocketFactory extends SocketFactory {

  private final Path path;

  /**
   * Called by the driver.
   *
   * @param path path of the socket
   */
  public UnixSocketFactory(String path) {
    this.path = Path.of(path);
  }

  @Override
  public Socket createSocket() {
    return new ChannelSocket(path);
  }

  @Override
  public Socket createSocket(String host, int port) {
    return createSocket();
  }

  @Override
  public Socket createSocket(String host, int port, InetAddress localHost, int localPort) {
    return createSocket();
  }

  @Override
  public Socket createSocket(InetAddress host, int port) {
    return createSocket();
  }

  @Override
  public Socket createSocket(
      InetAddress address, int port, InetAddress localAddress, int localPort) {
    return createSocket();
  }
}
