package dev.howdah.host.cli;

import dev.howdah.host.config.Mode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code howdah serve}: turns flags into Spring properties; those not given are left to Spring. */
@Command(
    name = "serve",
    description = "Starts the host and serves until Ctrl-C.",
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    sortOptions = false,
    footer = {
      "",
      "What a flag sets can be set in a file (--config) and in the environment as well, a flag"
          + " wins",
      "over the environment, the environment over files: howdah.grpc.address is",
      "HOWDAH_GRPC_ADDRESS, howdah.home is HOWDAH_HOME, howdah.mode is HOWDAH_MODE.",
      "",
      "Without certificates the first start issues development ones in the home folder's tls/."
    })
final class ServeCommand implements Callable<Integer> {

  enum LogFormat {
    TEXT,
    JSON
  }

  private static final String DRAIN = "howdah.grpc.drain-timeout";
  private static final Duration QUIET = Duration.ofMillis(700);

  /** Neither quoted nor the next flag. */
  private static final Pattern PLAIN_VALUE = Pattern.compile("[^-\"'@\\s][^\"'\\s]*");

  private final Terminal terminal;
  private final ServeLauncher launcher;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "Certificates, sockets and drop-in plugins. Default: .howdah")
  private @Nullable Path home;

  @Option(
      names = "--mode",
      paramLabel = "MODE",
      description =
          "all: everything, on one machine; operator: beside the CloudNativePG operator;"
              + " instance: in a database's Pod. Default: all")
  private @Nullable Mode mode;

  @Option(
      names = "--server-address",
      paramLabel = "[HOST]:PORT",
      description = "Where gRPC listens; :9090 is every address. Default: 127.0.0.1:9090")
  private @Nullable String serverAddress;

  @Option(
      names = "--server-cert",
      paramLabel = "FILE",
      description =
          "Server certificate, PEM. The three certificate flags and --server-address go together.")
  private @Nullable Path serverCertificate;

  @Option(names = "--server-key", paramLabel = "FILE", description = "Its private key, PEM.")
  private @Nullable Path serverKey;

  @Option(
      names = "--client-cert",
      paramLabel = "FILE",
      description = "The client certificates that may call, or their issuers, PEM.")
  private @Nullable Path clientCertificates;

  @Option(
      names = "--plugin-path",
      paramLabel = "DIR",
      description =
          "One Unix socket per plugin is made in it. Default: plugins/ in the home folder")
  private @Nullable Path pluginPath;

  @Option(
      names = "--http-address",
      paramLabel = "[HOST]:PORT",
      description =
          "Where health, metrics and the other actuator pages are. Default: 127.0.0.1:8081")
  private @Nullable String httpAddress;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description = "text or json. Default: text")
  private @Nullable LogFormat logFormat;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "A configuration file, .yaml or .properties, on top of the built-in defaults.")
  private @Nullable Path config;

  @Option(
      names = {"-D", "--set"},
      paramLabel = "KEY=VALUE",
      description = "Sets any property. May be given several times.")
  private Map<String, String> properties = new LinkedHashMap<>();

  @Option(
      names = "--plugin",
      paramLabel = "PATH",
      arity = "1..*",
      description =
          "Serves a plugin from where it is: a JAR, a folder of JARs or classes, or several joined"
              + " as a class path, target/classes:target/dependency/*.")
  private List<String> plugins = List.of();

  @Option(
      names = "--watch",
      description = "Starts the host anew whenever a --plugin has been built anew.")
  private boolean watch;

  @Option(
      names = "--debug",
      paramLabel = "PORT",
      arity = "0..1",
      fallbackValue = "",
      description =
          "Logs what the host does in detail; with a port, a debugger can attach there, from this"
              + " machine only.")
  private @Nullable String debug;

  ServeCommand(Terminal terminal, ServeLauncher launcher) {
    this.terminal = terminal;
    this.launcher = launcher;
  }

  /**
   * Reads a command line that has only flags with one value each, as a Pod's has: the classes of
   * the parser for command lines are too old for an AOT cache, and loading them would take longer
   * than anything else that a start does.
   *
   * @param arguments the whole command line, {@code serve} included
   * @return the command; empty if the parser has to read it
   */
  static Optional<ServeCommand> ofPlainFlags(
      String[] arguments, Terminal terminal, ServeLauncher launcher) {
    if (arguments.length == 0 || !arguments[0].equals("serve")) {
      return Optional.empty();
    }
    ServeCommand command = new ServeCommand(terminal, launcher);
    Set<String> seen = new HashSet<>();
    int next = 1;
    while (next < arguments.length) {
      String flag = arguments[next++];
      int equals = flag.indexOf('=');
      String value;
      if (equals > 0) {
        value = flag.substring(equals + 1);
        flag = flag.substring(0, equals);
      } else if (next < arguments.length) {
        value = arguments[next++];
      } else {
        return Optional.empty();
      }
      if (!seen.add(flag) || !PLAIN_VALUE.matcher(value).matches() || !command.take(flag, value)) {
        return Optional.empty();
      }
    }
    return Optional.of(command);
  }

  private boolean take(String flag, String value) {
    switch (flag) {
      case "--home" -> home = Path.of(value);
      case "--plugin-path" -> pluginPath = Path.of(value);
      case "--config" -> config = Path.of(value);
      case "--server-address" -> serverAddress = value;
      case "--server-cert" -> serverCertificate = Path.of(value);
      case "--server-key" -> serverKey = Path.of(value);
      case "--client-cert" -> clientCertificates = Path.of(value);
      case "--http-address" -> httpAddress = value;
      case "--mode" -> {
        Optional<Mode> named =
            Stream.of(Mode.values()).filter(it -> it.name().equalsIgnoreCase(value)).findFirst();
        named.ifPresent(it -> mode = it);
        return named.isPresent();
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  @Override
  public Integer call() throws Exception {
    requireCertificatesTogether();
    requirePort();
    List<String> arguments = springArguments();
    if (watch) {
      serveAnewForever(arguments);
    } else {
      var unused = launcher.launch(arguments);
    }
    return ExitCode.OK;
  }

  /** A host that doesn't start is reported; the next build may be better. */
  private void serveAnewForever(List<String> arguments) throws Exception {
    if (plugins.isEmpty()) {
      throw CommandFailure.usage("--watch watches what --plugin names; give at least one.");
    }
    SourceWatch changes = new SourceWatch(plugins, QUIET);
    while (true) {
      AutoCloseable host = null;
      try {
        host = launcher.launch(arguments);
      } catch (CommandFailure notStarted) {
        terminal.err().println("howdah: " + notStarted.text());
      }
      terminal.err().println("howdah: watching " + String.join(" ", plugins));
      changes.awaitChange();
      terminal.err().println("howdah: built anew, starting again");
      if (host != null) {
        host.close();
      }
    }
  }

  /** The port is the launcher script's: a JVM can't open it for itself later. */
  private void requirePort() {
    if (debug != null && !debug.isEmpty() && !debug.matches("\\d{1,5}")) {
      throw CommandFailure.usage(
          "'%s' of --debug is no port; write --debug 5005, or --debug alone for a detailed log."
              .formatted(debug));
    }
  }

  /**
   * Go plugins take these four together or not at all. Here the address alone is fine too, since
   * there are development certificates to go with it.
   */
  private void requireCertificatesTogether() {
    Map<String, @Nullable Object> four = new LinkedHashMap<>();
    four.put("--server-cert", serverCertificate);
    four.put("--server-key", serverKey);
    four.put("--client-cert", clientCertificates);
    four.put("--server-address", serverAddress);
    boolean certificates =
        Stream.of("--server-cert", "--server-key", "--client-cert")
            .anyMatch(flag -> four.get(flag) != null);
    List<String> missing = four.keySet().stream().filter(flag -> four.get(flag) == null).toList();
    if (certificates && !missing.isEmpty()) {
      throw CommandFailure.usage(
          "%s must be given together; %s missing. Leave the three certificate flags out to use"
                  .formatted(
                      String.join(", ", four.keySet()),
                      String.join(" and ", missing) + (missing.size() == 1 ? " is" : " are"))
              + " the development certificates in the home folder.");
    }
  }

  private List<String> springArguments() {
    List<String> arguments = new ArrayList<>();
    add(arguments, "howdah.home", home);
    add(arguments, "howdah.mode", mode == null ? null : mode.label());
    add(arguments, "howdah.grpc.address", serverAddress);
    add(arguments, "howdah.grpc.tls.certificate", serverCertificate);
    add(arguments, "howdah.grpc.tls.private-key", serverKey);
    add(arguments, "howdah.grpc.tls.client-certificates", clientCertificates);
    add(arguments, "howdah.sockets.directory", pluginPath);
    if (httpAddress != null) {
      HostAddress address = HostAddress.parse("--http-address", httpAddress);
      add(arguments, "server.address", address.orEveryAddress());
      add(arguments, "server.port", address.port());
    }
    if (logFormat != null) {
      // An empty value is Boot's "as text", whatever a configuration file says.
      add(
          arguments,
          "logging.structured.format.console",
          switch (logFormat) {
            case TEXT -> "";
            case JSON -> "ecs";
          });
    }
    if (debug != null && debug.isEmpty()) {
      add(arguments, "logging.level.dev.howdah", "debug");
    }
    for (int index = 0; index < plugins.size(); index++) {
      add(arguments, "howdah.discovery.plugins[" + index + "]", plugins.get(index));
    }
    if (watch && !properties.containsKey(DRAIN)) {
      add(arguments, DRAIN, "1s");
    }
    if (config != null) {
      add(arguments, "spring.config.additional-location", configLocation(config));
    }
    properties.forEach((key, value) -> add(arguments, key, value));
    return List.copyOf(arguments);
  }

  private static String configLocation(Path file) {
    if (!Files.isReadable(file)) {
      throw CommandFailure.usage(
          "The configuration file %s of --config can't be read; check the path and its permissions."
              .formatted(file));
    }
    return file.toAbsolutePath().normalize().toUri().toString();
  }

  private static void add(List<String> arguments, String key, @Nullable Object value) {
    if (value != null) {
      arguments.add("--" + key + "=" + value);
    }
  }
}
