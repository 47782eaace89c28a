package dev.howdah.host.listen;

import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelMetadata;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.ServerChannel;
import io.netty.channel.ServerChannelRecvByteBufAllocator;
import io.netty.channel.nio.AbstractNioMessageChannel;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A listening Unix socket that owns its file: bound in place, open to other users, removed before
 * it closes.
 *
 * <p>Netty's own channel for this deletes whatever is at the path when it closes, be it another
 * process's socket, and leaves the file's mode to the umask.
 */
final class SocketServerChannel extends AbstractNioMessageChannel implements ServerChannel {
  private static final Logger LOG = LoggerFactory.getLogger(SocketServerChannel.class);
  private static final ChannelMetadata METADATA = new ChannelMetadata(false, 16);

  /** The kernel lowers it to its own limit. */
  private static final int BACKLOG = 4096;

  /**
   * To connect takes write permission. PostgreSQL's processes may run under another user than the
   * host; who gets as far as the socket is the directory's matter.
   */
  private static final Set<PosixFilePermission> MODE =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private final ChannelConfig config =
      new DefaultChannelConfig(this, new ServerChannelRecvByteBufAllocator()) {
        @Override
        protected void autoReadCleared() {
          clearReadPending();
        }
      };

  private volatile @Nullable Path file;
  private volatile @Nullable Object inode;

  SocketServerChannel() {
    super(null, open(), SelectionKey.OP_ACCEPT);
  }

  private static ServerSocketChannel open() {
    try {
      return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (IOException e) {
      throw new ListenException("This system has no Unix sockets: " + e.getMessage(), e);
    }
  }

  @Override
  protected ServerSocketChannel javaChannel() {
    return (ServerSocketChannel) super.javaChannel();
  }

  @Override
  public ChannelConfig config() {
    return config;
  }

  @Override
  public ChannelMetadata metadata() {
    return METADATA;
  }

  @Override
  public boolean isActive() {
    return isOpen() && file != null;
  }

  @Override
  protected void doBind(SocketAddress address) throws Exception {
    Path path = ((UnixDomainSocketAddress) address).getPath();
    javaChannel().bind(address, BACKLOG);
    inode = inodeOf(path);
    file = path;
    Files.setPosixFilePermissions(path, MODE);
  }

  /**
   * The file goes first: while the socket is open its inode cannot be given to another file, so
   * that an equal inode means our own file.
   */
  @Override
  protected void doClose() throws Exception {
    try {
      removeOwnFile();
      super.doClose();
    } finally {
      javaChannel().close();
    }
  }

  private void removeOwnFile() {
    Path path = file;
    Object own = inode;
    file = null;
    if (path == null || own == null) {
      return;
    }
    try {
      if (own.equals(inodeOf(path))) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      LOG.atWarn()
          .addKeyValue("path", path)
          .addKeyValue("problem", e.toString())
          .log("Could not remove a socket; the next start replaces it");
    }
  }

  private static @Nullable Object inodeOf(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return null;
    }
    return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    SocketChannel connection = javaChannel().accept();
    if (connection == null) {
      return 0;
    }
    accepted.add(new NioDomainSocketChannel(this, connection));
    return 1;
  }

  @Override
  protected @Nullable SocketAddress localAddress0() {
    try {
      return javaChannel().getLocalAddress();
    } catch (IOException e) {
      // Closed in the meantime: no address any more.
      return null;
    }
  }

  @Override
  protected @Nullable SocketAddress remoteAddress0() {
    return null;
  }

  @Override
  protected boolean doWriteMessage(Object message, ChannelOutboundBuffer in) {
    throw new UnsupportedOperationException("A listening socket writes nothing.");
  }

  @Override
  protected boolean doConnect(SocketAddress remote, @Nullable SocketAddress local) {
    throw new UnsupportedOperationException("A listening socket connects nowhere.");
  }

  @Override
  protected void doFinishConnect() {
    throw new UnsupportedOperationException("A listening socket connects nowhere.");
  }

  @Override
  protected void doDisconnect() {
    throw new UnsupportedOperationException("A listening socket has no peer.");
  }
}
