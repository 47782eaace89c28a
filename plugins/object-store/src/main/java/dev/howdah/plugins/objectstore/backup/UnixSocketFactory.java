package dev.howdah.plugins.objectstore.backup;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import javax.net.SocketFactory;

/**
 * Lets the JDBC driver speak to PostgreSQL over its Unix socket, which the JDK only offers as a
 * channel. The driver makes it by its name, with the socket's path as argument.
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

  private static final class ChannelSocket extends Socket {
    private final Path path;
    private final SocketChannel channel;

    ChannelSocket(Path path) {
      this.path = path;
      try {
        this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }

    @Override
    public void connect(SocketAddress endpoint) throws IOException {
      channel.connect(UnixDomainSocketAddress.of(path));
    }

    @Override
    public void connect(SocketAddress endpoint, int timeout) throws IOException {
      connect(endpoint);
    }

    @Override
    public boolean isConnected() {
      return channel.isConnected();
    }

    @Override
    public boolean isClosed() {
      return !channel.isOpen();
    }

    @Override
    public InputStream getInputStream() {
      return Channels.newInputStream(channel);
    }

    @Override
    public OutputStream getOutputStream() {
      return Channels.newOutputStream(channel);
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }

    // A Unix socket has none of the options below; the driver sets them on every socket.
    @Override
    public void setTcpNoDelay(boolean on) {}

    @Override
    public void setKeepAlive(boolean on) {}

    @Override
    public synchronized void setSoTimeout(int timeout) {}

    @Override
    public synchronized int getSoTimeout() {
      return 0;
    }

    @Override
    public synchronized void setReceiveBufferSize(int size) {}

    @Override
    public synchronized void setSendBufferSize(int size) {}

    @Override
    public synchronized int getReceiveBufferSize() throws SocketException {
      return 0;
    }

    @Override
    public synchronized int getSendBufferSize() throws SocketException {
      return 0;
    }
  }
}
