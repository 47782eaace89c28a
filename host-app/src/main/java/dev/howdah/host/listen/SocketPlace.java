package dev.howdah.host.listen;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The path at which one plugin's socket is to be, and what may be in its way. */
record SocketPlace(Path path, String pluginName) {
  private static final Logger LOG = LoggerFactory.getLogger(SocketPlace.class);

  /** Linux has room for 107 bytes and the end of the string; the JDK uses one less. */
  private static final int LONGEST_PATH = 106;

  UnixDomainSocketAddress address() {
    return UnixDomainSocketAddress.of(path);
  }

  /**
   * Makes sure that a socket can be bound here; removes what a killed process left behind.
   *
   * @throws ListenException if the path is too long, somebody answers there already or something
   *     other than a socket is in the way
   */
  void clear() {
    checkLength();
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!isSocket()) {
      throw new ListenException(
          "%s is in the way of plugin %s's socket and is not a socket. Remove it, or let"
                  .formatted(path, pluginName)
              + " howdah.sockets.directory name another folder.");
    }
    if (isAnswered()) {
      throw new ListenException(
          "Somebody listens on %s already, so plugin %s cannot. Stop the other process, or let"
                  .formatted(path, pluginName)
              + " howdah.sockets.directory name another folder.");
    }
    removeStale();
  }

  private void checkLength() {
    int length = path.toString().getBytes(Charset.forName(nativeEncoding())).length;
    if (length > LONGEST_PATH) {
      throw new ListenException(
          "The socket path %s of plugin %s has %d bytes; %d are possible. Let"
                  .formatted(path, pluginName, length, LONGEST_PATH)
              + " howdah.sockets.directory name a folder with a shorter path.");
    }
  }

  private static String nativeEncoding() {
    return System.getProperty("sun.jnu.encoding", "UTF-8");
  }

  private boolean isSocket() {
    try {
      BasicFileAttributes attributes =
          Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
      boolean plain =
          attributes.isRegularFile() || attributes.isDirectory() || attributes.isSymbolicLink();
      // "Other" also holds FIFOs and devices; the file type bits tell them from sockets.
      int mode = (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
      return !plain && (mode & 0170000) == 0140000;
    } catch (IOException e) {
      throw new ListenException(
          "Cannot tell what %s is, where plugin %s's socket should be: %s"
              .formatted(path, pluginName, e.getMessage()),
          e);
    }
  }

  /** Only "connection refused" proves that nobody listens; a full queue is somebody too. */
  private boolean isAnswered() {
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.configureBlocking(false);
      probe.connect(address());
      return true;
    } catch (ConnectException e) {
      return false;
    } catch (IOException e) {
      if ("Resource temporarily unavailable".equals(e.getMessage())) {
        return true;
      }
      throw new ListenException(
          "Cannot tell whether somebody listens on %s, where plugin %s's socket should be: %s"
              .formatted(path, pluginName, e.getMessage()),
          e);
    }
  }

  private void removeStale() {
    try {
      Files.deleteIfExists(path);
      LOG.atInfo()
          .addKeyValue("plugin", pluginName)
          .addKeyValue("path", path)
          .log("Removed a socket nobody listens on");
    } catch (IOException e) {
      throw new ListenException(
          "Nobody listens on the socket %s, and it cannot be removed for plugin %s: %s. Remove it."
              .formatted(path, pluginName, e.getMessage()),
          e);
    }
  }
}
