package dev.howdah.host.listen;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Unix sockets, one per plugin, all of one gRPC server. */
final class SocketListener {
  private static final Logger LOG = LoggerFactory.getLogger(SocketListener.class);

  private final Map<String, Path> sockets;
  private final ListeningServer server;

  private SocketListener(Map<String, Path> sockets, ListeningServer server) {
    this.sockets = sockets;
    this.server = server;
  }

  /**
   * Listens on all sockets, or on none.
   *
   * @param options with at least one plugin
   * @throws ListenException if one of the sockets cannot be bound
   */
  static SocketListener start(SocketOptions options, ListeningServer.Environment environment) {
    makeDirectory(options.directory());
    List<SocketPlace> places =
        options.pluginNames().stream()
            .map(name -> new SocketPlace(options.directory().resolve(name), name))
            .toList();
    places.forEach(SocketPlace::clear);
    warnOfOthers(options);
    ListeningServer server =
        new ListeningServer(
            "socket",
            places.stream().map(SocketPlace::address).toList(),
            SocketServerChannel::new,
            null,
            environment);
    try {
      server.start();
    } catch (IOException e) {
      throw new ListenException(
          "Cannot listen on the sockets in %s: %s. Make sure that the folder is writable and that"
                  .formatted(options.directory(), Bind.problem(e))
              + " no other host starts on it at the same time.",
          e);
    }
    Map<String, Path> sockets = new LinkedHashMap<>();
    places.forEach(place -> sockets.put(place.pluginName(), place.path()));
    return new SocketListener(sockets, server);
  }

  private static void makeDirectory(Path directory) {
    if (Files.isDirectory(directory)) {
      return;
    }
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw new ListenException(
          "Cannot make the folder %s for the plugins' sockets: %s. Make it, or let"
                  .formatted(directory, e)
              + " howdah.sockets.directory name another one.",
          e);
    }
  }

  /** They may be other hosts' sockets, so they stay; but whoever loads plugins takes them all. */
  private static void warnOfOthers(SocketOptions options) {
    List<String> others = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(options.directory())) {
      for (Path entry : entries) {
        others.add(String.valueOf(entry.getFileName()));
      }
    } catch (IOException e) {
      throw new ListenException(
          "Cannot read the folder %s for the plugins' sockets: %s. Make it readable."
              .formatted(options.directory(), e.getMessage()),
          e);
    }
    if (!others.isEmpty()) {
      LOG.atWarn()
          .addKeyValue("directory", options.directory())
          .addKeyValue("entries", others)
          .log("Entries that are not this host's count as plugins to whoever loads plugins here");
    }
  }

  Map<String, Path> sockets() {
    return sockets;
  }

  ListeningServer server() {
    return server;
  }
}
