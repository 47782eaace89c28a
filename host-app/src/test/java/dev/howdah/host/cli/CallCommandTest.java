package dev.howdah.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import io.grpc.Status;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallCommandTest {

  private static final String PLUGIN = "hello.example.com";

  @TempDir private Path home;
  private final TestHost host = new TestHost();
  private String address = "";

  @BeforeEach
  void start() throws IOException {
    TestCertificates.issue(home.resolve("tls"), "server", PLUGIN, "hello-service");
    TestCertificates.issue(home.resolve("tls"), "client");
    address = "127.0.0.1:" + host.listenTcp(home.resolve("tls"));
    host.listenOn(home.resolve("plugins").resolve(PLUGIN));
  }

  @AfterEach
  void stop() {
    host.close();
  }

  @Test
  void callsOverTlsWithThePluginNameAsAuthority() {
    CommandRun run = call("Identity/GetPluginMetadata");

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.json().get("name").stringValue()).isEqualTo(PLUGIN);
    assertThat(run.json().get("version").stringValue()).isEqualTo("1.2.3");
    assertThat(host.authorities).containsExactly(PLUGIN);
  }

  @Test
  void usesTheServerNameThatWasGivenAsAuthority() {
    CommandRun run = call("Identity/GetPluginMetadata", "--server-name", "hello-service");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(host.authorities).containsExactly("hello-service");
  }

  @Test
  void callsOverThePluginsSocketWithTheAuthorityThatGoClientsSend() {
    CommandRun run =
        CommandRun.of(
            "call", PLUGIN, "Identity/GetPluginMetadata", "--home", home.toString(), "--socket");

    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(host.authorities).containsExactly("localhost");
  }

  @Test
  void takesKubernetesObjectsAsJsonAndAsYamlFiles() throws IOException {
    Path pod =
        Files.writeString(
            home.resolve("pod.yaml"),
            "kind: Pod\nmetadata:\n  creationTimestamp: 2026-01-02T03:04:05Z\n");

    CommandRun run =
        call(
            "OperatorLifecycle/LifecycleHook",
            "--json",
            """
            {"operation_type": {"type": "TYPE_CREATE"},
             "clusterDefinition": {"kind": "Cluster", "spec": {"cpu": 1.50}},
             "object_definition": "@%s"}
            """
                .formatted(pod));

    assertThat(run.err()).isEmpty();
    assertThat(host.lifecycleRequests)
        .containsExactly(
            OperatorLifecycleRequest.newBuilder()
                .setOperationType(
                    OperatorOperationType.newBuilder()
                        .setType(OperatorOperationType.Type.TYPE_CREATE))
                .setClusterDefinition(
                    ByteString.copyFromUtf8("{\"kind\":\"Cluster\",\"spec\":{\"cpu\":1.50}}"))
                .setObjectDefinition(
                    ByteString.copyFromUtf8(
                        "{\"kind\":\"Pod\",\"metadata\":{\"creationTimestamp\":\"2026-01-02T03:04:05Z\"}}"))
                .build());
    assertThat(run.json().get("json_patch").get(0).get("path").stringValue())
        .isEqualTo("/metadata/labels/a");
  }

  @Test
  void readsTheRequestFromStandardInputWithBase64AsProtoJsonHasIt() {
    CommandRun run =
        CommandRun.withInput(
            "{\"object_definition\": \"e30=\"}",
            "call",
            PLUGIN,
            "operatorlifecycle/lifecyclehook",
            "--json",
            "-",
            "--home",
            home.toString(),
            "--address",
            address);

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(host.lifecycleRequests.getFirst().getObjectDefinition().toStringUtf8())
        .isEqualTo("{}");
  }

  @Test
  void showsBytesThatAreNotJsonAsBase64() {
    host.jsonStatus = ByteString.copyFromUtf8("{\"a\":");

    assertThat(call("Operator/SetStatusInCluster").json().get("json_status").stringValue())
        .isEqualTo("eyJhIjo=");
  }

  @Test
  void showsBytesThatHoldAnObjectAsThatObject() {
    host.jsonStatus = ByteString.copyFromUtf8("{\"phase\":\"fine\"}");

    CommandRun run = call("cnpgi.operator.v1.Operator/SetStatusInCluster");

    assertThat(run.json().get("json_status").get("phase").stringValue()).isEqualTo("fine");
  }

  @Test
  void readsTheCapabilitiesBeforeItProbesAsTheOperatorDoes() {
    CommandRun run = call("Identity/Probe");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.json().get("ready").booleanValue()).isTrue();
    assertThat(host.called).containsExactly("Identity/GetPluginCapabilities", "Identity/Probe");
  }

  @Test
  void printsAnErrorStatusAsCodeAndMessage() {
    host.probe = Status.UNAVAILABLE.withDescription("plugin hello isn't ready");

    CommandRun run = call("Identity/Probe");

    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().strip()).isEqualTo("UNAVAILABLE: plugin hello isn't ready");
  }

  @Test
  void suggestsTheNearestMethodAndListsAll() {
    CommandRun run = call("ReconcilerHook/Prae");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("Did you mean ReconcilerHooks/Pre?")
        .contains("GetCapabilities, Archive, Restore, Status, SetFirstRequired");
  }

  @Test
  void saysWhichFieldsTheRequestHasWhenOneIsUnknown() {
    CommandRun run = call("Operator/ValidateClusterCreate", "--json", "{\"cluster\": {}}");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("Its fields: definition (an object, \"@file\" or base64).")
        .doesNotContain("Exception");
    assertThat(host.called).isEmpty();
  }

  @Test
  void saysWhichFileOfTheRequestIsMissing() {
    CommandRun run =
        call("Operator/ValidateClusterCreate", "--json", "{\"definition\": \"@nowhere.json\"}");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("nowhere.json of field definition can't be read");
  }

  @Test
  void saysHowToStartAHostWhenNothingListens() throws IOException {
    int free;
    try (ServerSocket probe = new ServerSocket(0)) {
      free = probe.getLocalPort();
    }
    address = "127.0.0.1:" + free;

    CommandRun run = call("Identity/Probe");

    assertThat(run.exitCode()).isEqualTo(ExitCode.CANNOT_CONNECT);
    assertThat(run.err()).contains("Nothing listens on " + address).contains("howdah serve");
  }

  @Test
  void saysThatTheCertificateDoesNotNameThePlugin() {
    CommandRun run = call("Identity/Probe", "--server-name", "other.example.com");

    assertThat(run.exitCode()).isEqualTo(ExitCode.CANNOT_CONNECT);
    assertThat(run.err()).contains("doesn't name other.example.com").contains("--server-name");
  }

  @Test
  void saysThatTheServerIsNotTheTrustedOne() {
    TestCertificates.issue(home, "foreign", PLUGIN);

    CommandRun run = call("Identity/Probe", "--ca", home.resolve("foreign.crt").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.CANNOT_CONNECT);
    assertThat(run.err()).contains("isn't one that").contains("foreign.crt");
  }

  @Test
  void tellsARefusedClientCertificateFromAFailedCall() {
    TestCertificates.issue(home, "stranger");

    CommandRun run =
        call(
            "Identity/Probe",
            "--cert",
            home.resolve("stranger.crt").toString(),
            "--key",
            home.resolve("stranger.key").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.CANNOT_CONNECT);
    assertThat(run.err())
        .contains("may not accept the client certificate")
        .contains("stranger.crt");
    assertThat(host.called).isEmpty();
  }

  @Test
  void givesUpOnAnAddressThatNeverAnswers() throws IOException {
    try (ServerSocket silent = new ServerSocket(0)) {
      address = "127.0.0.1:" + silent.getLocalPort();

      CommandRun run = call("Identity/Probe", "--timeout", "200ms");

      assertThat(run.exitCode()).isEqualTo(ExitCode.CANNOT_CONNECT);
      assertThat(run.err()).contains("within 200 ms");
    }
  }

  @Test
  void namesTheSocketsThereAreWhenThePluginHasNone() {
    CommandRun run =
        CommandRun.of("call", "helo", "Identity/Probe", "--home", home.toString(), "--socket");

    assertThat(run.exitCode()).isEqualTo(ExitCode.CANNOT_CONNECT);
    assertThat(run.err()).contains("plugins/helo").contains("the folder has " + PLUGIN);
  }

  @Test
  void explainsASocketThatNobodyListensOn() {
    host.close();

    CommandRun run =
        CommandRun.of("call", PLUGIN, "Identity/Probe", "--home", home.toString(), "--socket");

    assertThat(run.exitCode()).isEqualTo(ExitCode.CANNOT_CONNECT);
    assertThat(run.err()).contains(PLUGIN);
  }

  @Test
  void saysWhereCertificatesComeFromWhenThereAreNone() {
    CommandRun run =
        CommandRun.of("call", PLUGIN, "Identity/Probe", "--home", home.resolve("empty").toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("empty/tls/server.crt").contains("howdah serve");
  }

  private CommandRun call(String method, String... more) {
    String[] arguments = {"call", PLUGIN, method, "--home", home.toString(), "--address", address};
    return CommandRun.of(concat(arguments, more));
  }

  private static String[] concat(String[] first, String[] second) {
    String[] all = java.util.Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }
}
