package dev.howdah.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.proto.identity.PluginCapability.Service.Type;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class HandshakeCommandTest {

  private static final String PLUGIN = "hello.example.com";

  @TempDir private Path home;
  private final TestHost host = new TestHost();
  private String address = "";

  @BeforeEach
  void start() throws IOException {
    TestCertificates.issue(home.resolve("tls"), "server", PLUGIN);
    TestCertificates.issue(home.resolve("tls"), "client");
    address = "127.0.0.1:" + host.listenTcp(home.resolve("tls"));
    host.listenOn(home.resolve("plugins").resolve(PLUGIN));
  }

  @AfterEach
  void stop() {
    host.close();
  }

  @Test
  void makesTheOperatorsCallsInTheOperatorsOrder() {
    CommandRun run = handshake("--address", address, PLUGIN);

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    List<String> sequence =
        List.of(
            "Identity/GetPluginMetadata",
            "Identity/GetPluginCapabilities",
            "Operator/GetCapabilities",
            "OperatorLifecycle/GetCapabilities",
            "Identity/Probe");
    assertThat(host.called.subList(0, 5)).isEqualTo(sequence);
    assertThat(host.called.subList(5, host.called.size())).isEqualTo(sequence);
    assertThat(host.authorities).containsOnly(PLUGIN);
  }

  @Test
  void showsWhatThePluginIsAndDeclaresInOneRow() {
    host.declared =
        List.of(
            Type.TYPE_OPERATOR_SERVICE,
            Type.TYPE_LIFECYCLE_SERVICE,
            Type.TYPE_INSTANCE_SIDECAR_INJECTION);

    CommandRun run = handshake("--address", address, PLUGIN);

    assertThat(run.out().lines()).hasSize(2);
    assertThat(run.out().lines().skip(1).findFirst().orElseThrow())
        .startsWith(PLUGIN + "  1.2.3    tcp " + address)
        .endsWith(
            "Operator(SET_STATUS_IN_CLUSTER), OperatorLifecycle(Pod:CREATE+EVALUATE),"
                + " sidecar(INSTANCE)");
  }

  @Test
  void findsThePluginsByTheirSockets() throws IOException {
    host.listenOn(home.resolve("plugins/another.example.com"));

    CommandRun run = handshake("--socket", "--json");

    assertThat(run.json().values().stream().map(one -> one.get("plugin").stringValue()))
        .containsExactly("another.example.com", PLUGIN);
    assertThat(host.authorities).containsOnly("localhost");
  }

  @Test
  void printsEveryStepWithItsTimeAsJson() {
    JsonNode report = handshake("--socket", "--json").json().get(0);

    assertThat(report.get("metadata").get("version").stringValue()).isEqualTo("1.2.3");
    assertThat(report.get("millis").propertyNames())
        .containsExactly(
            "connect",
            "Identity/GetPluginMetadata",
            "Identity/GetPluginCapabilities",
            "Operator/GetCapabilities",
            "OperatorLifecycle/GetCapabilities",
            "Identity/Probe");
    assertThat(report.get("total_millis").doubleValue()).isPositive();
    assertThat(report.has("failure")).isFalse();
  }

  @Test
  void explainsAPluginThatIsNotReady() {
    host.probe = Status.UNAVAILABLE.withDescription("plugin hello isn't ready");

    CommandRun run = handshake("--socket");

    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.out())
        .contains("failed, see below")
        .contains("UNAVAILABLE at Identity/Probe: plugin hello isn't ready")
        .contains("/actuator/plugins");
  }

  @Test
  void findsAServiceThatIsDeclaredButNotServed() {
    host.declared = List.of(Type.TYPE_WAL_SERVICE);

    CommandRun run = handshake("--socket");

    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.out())
        .contains("UNIMPLEMENTED at WAL/GetCapabilities")
        .contains("declares the service but doesn't serve it");
  }

  @Test
  void findsTheCapabilityThatWouldCrashTheOperator() {
    host.unsetCapability = true;

    CommandRun run = handshake("--socket");

    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.out()).contains("It would crash the operator");
  }

  @Test
  void warnsWhenAnotherPluginAnswersSinceTheOperatorWouldNotNotice() {
    host.name = "somebody.example.com";

    CommandRun run = handshake("--socket");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("\"somebody.example.com\"").contains("never compares names");
  }

  @Test
  void warnsOfANotReadyAnswerThatTheOperatorIgnores() {
    host.ready = false;

    assertThat(handshake("--socket").out()).contains("which the operator ignores");
  }

  @Test
  void triesSocketAndTcpWhereThereIsAClientCertificate() {
    // Whoever may listen on the default port: what counts is that both were tried.
    JsonNode reports = handshake("--json", "--timeout", "5s").json();

    assertThat(reports.values().stream().map(one -> one.get("transport").stringValue()))
        .hasSize(2)
        .anyMatch(transport -> transport.startsWith("socket "))
        .anyMatch(transport -> transport.startsWith("tcp "));
  }

  @Test
  void cannotListPluginsOverTcp() {
    CommandRun run = handshake("--address", address);

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("say which plugins");
  }

  @Test
  void saysThatNoHostRunsWithThisHome() {
    CommandRun run = CommandRun.of("handshake", "--home", home.resolve("empty").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.CANNOT_CONNECT);
    assertThat(run.err()).contains("empty/plugins").contains("howdah serve");
  }

  @Test
  void reportsThatNothingListensWithItsOwnExitCode() throws IOException {
    // Bound but not listening: nobody else can take the port meanwhile, and connecting is refused.
    try (Socket held = new Socket()) {
      held.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));

      CommandRun run = handshake("--address", "127.0.0.1:" + held.getLocalPort(), PLUGIN);

      assertThat(run.exitCode()).isEqualTo(ExitCode.CANNOT_CONNECT);
      assertThat(run.out()).contains("CANNOT_CONNECT at connect: Nothing listens on");
    }
  }

  private CommandRun handshake(String... more) {
    String[] arguments = {"handshake", "--home", home.toString()};
    String[] all = java.util.Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return CommandRun.of(all);
  }
}
