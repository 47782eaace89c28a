package dev.howdah.host.cli;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that say which running host to ask, and how. */
final class HostOptions {

  @Option(
      names = "--home",
      paramLabel = "DIR",
      defaultValue = "${env:HOWDAH_HOME:-.howdah}",
      description = "The host's home folder (HOWDAH_HOME). Default: .howdah")
  private Path home = Path.of(".howdah");

  @Option(
      names = "--address",
      paramLabel = "[HOST]:PORT",
      description = "The host's gRPC address (HOWDAH_GRPC_ADDRESS). Default: 127.0.0.1:9090")
  private @Nullable String address;

  @Option(
      names = "--socket",
      description = "Over the plugin's Unix socket instead of TCP, as inside a database's Pod.")
  private boolean socket;

  @Option(
      names = "--plugin-path",
      paramLabel = "DIR",
      description =
          "The sockets' folder (HOWDAH_SOCKETS_DIRECTORY). Default: plugins/ in the home folder")
  private @Nullable Path pluginPath;

  @Option(
      names = "--ca",
      paramLabel = "FILE",
      description =
          "Which server certificates to trust, PEM. Default: tls/server.crt in the home folder,"
              + " as the operator trusts the server's own certificate")
  private @Nullable Path ca;

  @Option(
      names = "--cert",
      paramLabel = "FILE",
      description = "Client certificate, PEM. Default: tls/client.crt in the home folder")
  private @Nullable Path certificate;

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "Its private key, PEM. Default: tls/client.key in the home folder")
  private @Nullable Path key;

  @Option(
      names = "--server-name",
      paramLabel = "NAME",
      description =
          "TLS server name and authority, by which the host knows which plugin is meant: the"
              + " plugin's name or its Service's. Default: the plugin's name")
  private @Nullable String serverName;

  @Option(
      names = "--timeout",
      paramLabel = "DURATION",
      defaultValue = "30s",
      converter = DurationConverter.class,
      description = "For connecting and for each call. Default: 30s, the operator's")
  private Duration timeout = Duration.ofSeconds(30);

  Duration timeout() {
    return timeout;
  }

  boolean socketOnly() {
    if (socket && address != null) {
      throw CommandFailure.usage("--socket and --address exclude each other; give one of them.");
    }
    return socket;
  }

  boolean addressGiven() {
    return address != null;
  }

  /** The folder with one socket per plugin. */
  Path sockets() {
    if (pluginPath != null) {
      return pluginPath;
    }
    String configured = System.getenv("HOWDAH_SOCKETS_DIRECTORY");
    return configured == null || configured.isBlank()
        ? home.resolve("plugins")
        : Path.of(configured);
  }

  /** The host over TCP, for one plugin. */
  HostTarget tcp(String plugin) {
    String configured = System.getenv("HOWDAH_GRPC_ADDRESS");
    String chosen =
        address != null
            ? address
            : configured == null || configured.isBlank() ? "127.0.0.1:9090" : configured;
    return new HostTarget.Tcp(
        HostAddress.parse("--address", chosen),
        serverName == null ? plugin : serverName,
        ca == null ? home.resolve("tls/server.crt") : ca,
        clientCertificate(),
        key == null ? home.resolve("tls/client.key") : key);
  }

  /** The host over the socket of one plugin. */
  HostTarget socket(String plugin) {
    return new HostTarget.Socket(sockets().resolve(plugin));
  }

  /** Whether there is what TCP takes; a host in a database's Pod has sockets alone. */
  boolean hasClientCertificate() {
    return clientCertificate().toFile().exists();
  }

  private Path clientCertificate() {
    return certificate == null ? home.resolve("tls/client.crt") : certificate;
  }
}
