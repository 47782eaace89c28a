package dev.howdah.postgres;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A Unix socket in the shape of a {@link Socket}, with a time limit for reading, which a channel's
 * own streams don't have: a server that hangs would hold its client for ever. Streams are for one
 * thread; closing is for any.
 */
final class ChannelSocket extends Socket {

  private final Path path;
  private final SocketChannel channel;
  private final Selector selector;
  private volatile @Nullable SelectionKey key;
  private volatile int soTimeout;

  ChannelSocket(Path path) {
    this.path = path;
    try {
      this.channel = SocketChannel.open(StandardProtocolFamily.UNIX);
      this.selector = Selector.open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void connect(SocketAddress endpoint) throws IOException {
    // A Unix socket is connected at once or not at all.
    channel.connect(UnixDomainSocketAddress.of(path));
    channel.configureBlocking(false);
    key = channel.register(selector, SelectionKey.OP_READ);
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
    return new Input();
  }

  @Override
  public OutputStream getOutputStream() {
    return new Output();
  }

  @Override
  public void close() throws IOException {
    try (selector) {
      channel.close();
    }
  }

  @Override
  public void setSoTimeout(int timeout) {
    soTimeout = timeout;
  }

  @Override
  public int getSoTimeout() {
    return soTimeout;
  }

  // A Unix socket has none of the options below; the driver sets them on every socket.
  @Override
  public void setTcpNoDelay(boolean on) {}

  @Override
  public void setKeepAlive(boolean on) {}

  @Override
  public void setReceiveBufferSize(int size) {}

  @Override
  public void setSendBufferSize(int size) {}

  @Override
  public int getReceiveBufferSize() {
    return 0;
  }

  @Override
  public int getSendBufferSize() {
    return 0;
  }

  /** Waits until the channel is ready, at most for {@code millis}; 0 is for ever. */
  private void await(int operation, int millis) throws IOException {
    SelectionKey registered = key;
    if (registered == null) {
      throw new SocketException("The socket is not connected.");
    }
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    try {
      registered.interestOps(operation);
      while (true) {
        long left = millis == 0 ? 0 : TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (millis > 0 && left <= 0) {
          throw new SocketTimeoutException("PostgreSQL didn't answer in time.");
        }
        int ready = selector.select(left);
        selector.selectedKeys().clear();
        if (ready > 0) {
          return;
        }
        if (Thread.currentThread().isInterrupted()) {
          close();
          throw new SocketException("The thread was interrupted.");
        }
      }
    } catch (ClosedSelectorException | CancelledKeyException e) {
      throw new SocketException("The socket was closed.", e);
    }
  }

  private final class Input extends InputStream {

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      Objects.checkFromIndexSize(offset, length, bytes.length);
      if (length == 0) {
        return 0;
      }
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      int count = channel.read(buffer);
      while (count == 0) {
        await(SelectionKey.OP_READ, soTimeout);
        count = channel.read(buffer);
      }
      return count;
    }

    @Override
    public void close() throws IOException {
      ChannelSocket.this.close();
    }
  }

  private final class Output extends OutputStream {

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      while (buffer.hasRemaining()) {
        int count = channel.write(buffer);
        if (count < 0) {
          throw new EOFException("PostgreSQL closed the connection.");
        }
        if (count == 0) {
          await(SelectionKey.OP_WRITE, soTimeout);
        }
      }
    }

    @Override
    public void close() throws IOException {
      ChannelSocket.this.close();
    }
  }
}
