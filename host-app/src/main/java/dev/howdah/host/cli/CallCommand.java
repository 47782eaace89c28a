package dev.howdah.host.cli;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code howdah call}: one call to a running host, as the operator would make it. */
@Command(
    name = "call",
    description = "Makes one call to a plugin of a running host and prints the answer as JSON.",
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
    footerHeading =
        "%nThe request is the method's request message as JSON. Where it takes bytes:%n",
    footer = {
      "  {\"cluster_definition\": {\"kind\": \"Cluster\", ...}}   the object itself",
      "  {\"cluster_definition\": \"@cluster.yaml\"}            a file: .yaml, .yml made into"
          + " JSON,",
      "                                                   anything else as it is",
      "  {\"cluster_definition\": \"eyJraW5kIjo...\"}           base64, as proto JSON has it",
      "In the answer, bytes that hold a JSON object or array are shown as that.",
      "",
      "Examples:",
      "  howdah call hello-world.howdah.dev Identity/GetPluginMetadata",
      "  howdah call hello-world.howdah.dev Operator/ValidateClusterCreate \\",
      "      --json '{\"definition\": \"@cluster.yaml\"}'",
      "",
      "Identity/Probe comes after Identity/GetPluginCapabilities on the same connection, as the",
      "operator never probes a connection whose capabilities it hasn't read."
    })
final class CallCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Parameters(index = "0", paramLabel = "PLUGIN", description = "The plugin's name.")
  private String plugin = "";

  @Parameters(
      index = "1",
      paramLabel = "SERVICE/METHOD",
      description = "For example Identity/Probe or cnpgi.wal.v1.RestoreJobHooks/Restore.")
  private String methodName = "";

  @Option(
      names = "--json",
      paramLabel = "FILE|-|{...}",
      description = "The request: a file, - for standard input, or the JSON. Default: empty")
  private @Nullable String json;

  @Mixin private HostOptions host = new HostOptions();

  CallCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    MethodDescriptor method = ProtocolMethods.named(methodName);
    DynamicMessage request =
        RequestJson.read(method.getInputType(), json == null ? "{}" : request(json));
    HostTarget target = host.socketOnly() ? host.socket(plugin) : host.tcp(plugin);
    try (HostChannel channel = HostChannel.connect(target, host.timeout())) {
      if (ProtocolMethods.shortName(method).equals("Identity/Probe")) {
        MethodDescriptor before = ProtocolMethods.named("Identity/GetPluginCapabilities");
        channel.call(before, DynamicMessage.getDefaultInstance(before.getInputType()));
      }
      terminal.out().println(AnswerJson.write(channel.call(method, request)));
      return ExitCode.OK;
    } catch (StatusRuntimeException refused) {
      terminal.err().println(RpcError.of(refused));
      return ExitCode.ERROR;
    }
  }

  private String request(String source) {
    try {
      if (source.stripLeading().startsWith("{")) {
        return source;
      }
      return source.equals("-")
          ? new String(terminal.in().readAllBytes(), StandardCharsets.UTF_8)
          : Files.readString(Path.of(source));
    } catch (IOException unreadable) {
      throw CommandFailure.usage(
          ("The request %s of --json can't be read as UTF-8 text; give a file, - for standard "
                  + "input, or the JSON itself.")
              .formatted(source));
    }
  }
}
