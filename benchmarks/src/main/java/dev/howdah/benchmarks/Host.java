package dev.howdah.benchmarks;

import dev.howdah.host.EmbeddedHost;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** A host in this process with a folder of its own, and connections to it. */
final class Host implements AutoCloseable {

  private final Path home;
  private final EmbeddedHost host;
  private final List<ManagedChannel> channels = new ArrayList<>();

  private Host(Path home, EmbeddedHost host) {
    this.home = home;
    this.host = host;
  }

  static Host with(Consumer<EmbeddedHost.Builder> description) {
    try {
      Path home = Files.createTempDirectory("howdah-bench");
      EmbeddedHost.Builder builder = EmbeddedHost.in(home).property("logging.level.root", "error");
      description.accept(builder);
      return new Host(home, builder.start());
    } catch (IOException noFolder) {
      throw new UncheckedIOException(noFolder);
    }
  }

  Path certificates() {
    return home.resolve("tls");
  }

  ManagedChannel tcp(String plugin) {
    return opened(Connections.tcp(host.tcpAddress(), Connections.tls(certificates()), plugin));
  }

  ManagedChannel socket(String plugin) {
    return opened(Connections.socket(host.socket(plugin)));
  }

  /** Closed with the host. */
  ManagedChannel opened(ManagedChannel channel) {
    channels.add(channel);
    return channel;
  }

  /** Closes one connection before the host's end. */
  void release(ManagedChannel channel) {
    channels.remove(channel);
    channel.shutdownNow();
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    host.close();
    delete(home);
  }

  static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException left) {
      throw new UncheckedIOException(left);
    }
  }
}
