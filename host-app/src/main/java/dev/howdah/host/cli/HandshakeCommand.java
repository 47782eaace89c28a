package dev.howdah.host.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code howdah handshake}: the operator's loading sequence against a running host's plugins. */
@Command(
    name = "handshake",
    description =
        "Loads the plugins of a running host the way the operator does, and prints what they"
            + " declare and how long each step took.",
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    sortOptions = false,
    exitCodeListHeading = ExitCode.HEADING,
    exitCodeList = {
      ExitCode.OK_TEXT,
      ExitCode.ERROR_TEXT,
      ExitCode.USAGE_TEXT,
      ExitCode.CANNOT_CONNECT_TEXT
    },
    footer = {
      "",
      "Every plugin is loaded over its socket, and over TCP too where there is a client",
      "certificate; --socket or --address leave the other one out.",
      "",
      "Times are in milliseconds. Each plugin is loaded twice on new connections; the times are",
      "the second one's, FIRST is all of the first, with this program's own start in it."
    })
final class HandshakeCommand implements Callable<Integer> {

  private static final JsonMapper MAPPER = JsonMapper.shared();

  private final Terminal terminal;

  @Parameters(
      paramLabel = "PLUGIN",
      arity = "0..*",
      description = "Names of plugins. Default: all that have a socket")
  private List<String> plugins = List.of();

  @Option(names = "--json", description = "Prints every answer and timing as JSON.")
  private boolean json;

  @Mixin private HostOptions host = new HostOptions();

  HandshakeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    boolean overSocket = host.socketOnly() || !host.addressGiven();
    boolean overTcp = !host.socketOnly() && (host.addressGiven() || host.hasClientCertificate());
    List<HandshakeReport> reports = new ArrayList<>();
    for (String plugin : plugins.isEmpty() ? discovered() : plugins) {
      if (overSocket) {
        reports.add(Handshake.with(plugin, host.socket(plugin), host.timeout()));
      }
      if (overTcp) {
        reports.add(Handshake.with(plugin, host.tcp(plugin), host.timeout()));
      }
    }
    if (json) {
      printJson(reports);
    } else {
      printTable(reports);
    }
    return exitCode(reports);
  }

  private List<String> discovered() {
    if (host.addressGiven()) {
      throw CommandFailure.usage(
          "With --address say which plugins: a host doesn't list them over TCP.");
    }
    Path folder = host.sockets();
    if (!Files.isDirectory(folder)) {
      throw CommandFailure.cannotConnect(
          ("There is no folder %s with plugins' sockets. Start the host with `howdah serve`, or "
                  + "name its folder with --home or --plugin-path.")
              .formatted(folder));
    }
    try (Stream<Path> files = Files.list(folder)) {
      // The operator loads in alphabetical order.
      List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
      if (names.isEmpty()) {
        throw CommandFailure.cannotConnect(
            ("No plugin has a socket in %s. Is the host running, and is any plugin ready? Its log "
                    + "says.")
                .formatted(folder));
      }
      return names;
    } catch (IOException unreadable) {
      throw CommandFailure.usage("The folder %s can't be read.".formatted(folder));
    }
  }

  private void printTable(List<HandshakeReport> reports) {
    TextTable table =
        new TextTable()
            .row(
                "PLUGIN",
                "VERSION",
                "TRANSPORT",
                "CONNECT",
                "METADATA",
                "CAPABILITIES",
                "PROBE",
                "TOTAL ms",
                "FIRST",
                "DECLARES");
    for (HandshakeReport report : reports) {
      HandshakeReport.Failure failure = report.failure();
      table.row(
          report.plugin(),
          report.metadata().getOrDefault("version", "-"),
          report.transport(),
          millis(report.connectMillis()),
          millis(report.metadataMillis()),
          millis(report.capabilitiesMillis()),
          millis(report.probeMillis()),
          millis(report.total()),
          millis(report.firstMillis()),
          failure == null ? report.summary() : "failed, see below");
    }
    PrintWriter out = terminal.out();
    table.lines().forEach(out::println);
    for (HandshakeReport report : reports) {
      String subject = report.plugin() + " over " + report.transport() + ": ";
      if (report.failure() != null) {
        out.println();
        out.println(subject + report.failure());
      }
      for (String warning : report.warnings()) {
        out.println();
        out.println(subject + warning);
      }
    }
  }

  private static String millis(double value) {
    return value == 0 ? "-" : String.format(Locale.ROOT, "%.1f", value);
  }

  private void printJson(List<HandshakeReport> reports) {
    List<Map<String, Object>> printed = new ArrayList<>();
    for (HandshakeReport report : reports) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("plugin", report.plugin());
      one.put("transport", report.transport());
      one.put("metadata", report.metadata());
      one.put("declared", report.declared());
      one.put("services", report.services());
      one.put("millis", report.millis());
      one.put("total_millis", report.total());
      one.put("first_millis", report.firstMillis());
      one.put("warnings", report.warnings());
      HandshakeReport.Failure failure = report.failure();
      if (failure != null) {
        one.put(
            "failure",
            Map.of(
                "step", failure.step(),
                "code", failure.code(),
                "message", failure.message(),
                "remedy", failure.remedy()));
      }
      printed.add(one);
    }
    terminal.out().println(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(printed));
  }

  /** No connection at all is told from an error; where both happened the error counts. */
  private static int exitCode(List<HandshakeReport> reports) {
    boolean failed = false;
    boolean onlyConnections = true;
    int connectionCode = ExitCode.OK;
    for (HandshakeReport report : reports) {
      HandshakeReport.Failure failure = report.failure();
      if (failure == null || failure.exitCode() == ExitCode.ERROR) {
        onlyConnections = false;
      } else {
        connectionCode = failure.exitCode();
      }
      failed |= failure != null;
    }
    if (!failed) {
      return ExitCode.OK;
    }
    return onlyConnections ? connectionCode : ExitCode.ERROR;
  }
}
