package dev.howdah.testkit;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import dev.howdah.plugin.registry.RegisteredHooks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.stream.Stream;

/** A host with the plugin in it, and the connections to it. */
final class RunningPlugin implements AutoCloseable {

  private final Path home;
  private final EmbeddedHost host;
  private final PluginHandle handle;
  private final OperatorConnection connection;

  private RunningPlugin(
      Path home, EmbeddedHost host, PluginHandle handle, OperatorConnection connection) {
    this.home = home;
    this.host = host;
    this.handle = handle;
    this.connection = connection;
  }

  /**
   * Starts a host that carries the plugin and no other.
   *
   * @throws AssertionError if the host refuses the plugin, or the plugin fails to start; says why,
   *     as the host does
   */
  static RunningPlugin start(PluginClassPath classPath, Map<String, Object> properties) {
    Path home = newHome();
    EmbeddedHost.Builder builder =
        EmbeddedHost.in(home)
            .classPathPlugins("dev.howdah.testkit.none")
            .property("howdah.discovery.plugins[0]", classPath.joined())
            .property("howdah.discovery.directory", home.resolve("drop-in"))
            .property("howdah.grpc.drain-timeout", "1s")
            .property("logging.level.root", "warn")
            // It names each socket option that one kind of channel has and another one lacks.
            .property("logging.level.io.netty.bootstrap", "error");
    properties.forEach(builder::property);
    EmbeddedHost host = builder.start();
    try {
      PluginHandle handle = host.catalog().all().stream().findFirst().orElseThrow();
      if (handle.state() != PluginState.READY) {
        throw new AssertionError(
            "The host doesn't serve the plugin '%s' (%s): %s"
                .formatted(
                    handle.id(),
                    handle.state(),
                    handle.problem().map(Object::toString).orElse("it doesn't say why")));
      }
      return new RunningPlugin(
          home,
          host,
          handle,
          new OperatorConnection(
              host.tcpAddress(), handle.name(), home.resolve("tls"), host.socket(handle.name())));
    } catch (Throwable thrown) {
      host.close();
      delete(home);
      throw thrown;
    }
  }

  /** Not in the build folder: the path of a socket may be no longer than about a hundred bytes. */
  private static Path newHome() {
    try {
      return Files.createTempDirectory("howdah");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String name() {
    return handle.name();
  }

  String id() {
    return handle.id();
  }

  RegisteredHooks hooks() {
    return handle.serving().orElseThrow().hooks();
  }

  OperatorConnection connection() {
    return connection;
  }

  EmbeddedHost host() {
    return host;
  }

  /** A new empty folder that goes with the host. */
  Path newFolder(String prefix) {
    try {
      return Files.createTempDirectory(home, prefix);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    connection.close();
    host.close();
    delete(home);
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The test host's folder can't be deleted.", e);
    }
  }
}
