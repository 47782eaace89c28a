package dev.howdah.sanity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.sanity.junit.SanityTests;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tool against a small plugin written in Java; the proof against Go is {@code sanity/prove}.
 */
class SanityTest {
  private static final Options QUICK = Options.defaults().withIdle(Duration.ofMillis(200));

  @TempDir static Path folder;

  static CorrectPlugin onSocket;
  static CorrectPlugin onTcp;

  @BeforeAll
  static void start() throws Exception {
    onSocket = CorrectPlugin.onSocket(Files.createDirectory(folder.resolve("s")));
    onTcp = CorrectPlugin.onTcp(Files.createDirectory(folder.resolve("t")));
  }

  @AfterAll
  static void stop() throws Exception {
    onSocket.close();
    onTcp.close();
  }

  private static Map<String, Status> statuses(Report report) {
    return report.results().stream()
        .collect(Collectors.toMap(result -> result.check().id(), Result::status));
  }

  private static List<String> failures(Report report) {
    return report.results().stream()
        .filter(result -> result.status() == Status.FAILED)
        .map(result -> result.check().id() + " " + result.findings())
        .toList();
  }

  /** grpc-java 1.80 answers malformed messages with UNKNOWN. */
  private static final Options JAVA = QUICK.withKnownFailing(Set.of("TRN-04"));

  @TestFactory
  Stream<DynamicNode> aCorrectPluginPassesOnASocket() {
    return SanityTests.of(QUICK.withExclude(List.of("TRN-04")), onSocket.target());
  }

  @Test
  void aCorrectPluginPassesOverTcpAndWhatItDoesNotOfferIsSkipped() throws Exception {
    Report report = Sanity.run(onTcp.target(), JAVA);

    assertThat(failures(report)).isEmpty();
    assertThat(report.plugin()).isEqualTo(CorrectPlugin.NAME);
    assertThat(statuses(report))
        .containsEntry("TLS-03", Status.PASSED)
        .containsEntry("TLS-06", Status.PASSED)
        .containsEntry("REC-04", Status.PASSED)
        .containsEntry("LIF-05", Status.SKIPPED)
        .containsEntry("SOCK-02", Status.SKIPPED);
  }

  @Test
  void aServerNameThatTheCertificateLacksIsFoundAndTheRestIsStillTested() throws Exception {
    Target.Tcp right = (Target.Tcp) onTcp.target();
    Target wrong =
        new Target.Tcp(
            right.host(),
            right.port(),
            "other.example.com",
            right.pluginName(),
            right.ca(),
            right.cert(),
            right.key());

    Report report = Sanity.run(wrong, QUICK.withInclude(List.of("TLS", "ID-01")));

    assertThat(statuses(report))
        .containsEntry("TLS-06", Status.FAILED)
        .containsEntry("TLS-05", Status.PASSED)
        .containsEntry("ID-01", Status.PASSED);
  }

  @Test
  void anEmptyVersionFailsExactlyItsOwnCheck() throws Exception {
    try (CorrectPlugin plugin =
        CorrectPlugin.onSocket(Files.createDirectory(folder.resolve("v")), "")) {
      Report report = Sanity.run(plugin.target(), QUICK.withInclude(List.of("ID", "CAP")));

      assertThat(report.passed()).isFalse();
      assertThat(failures(report)).containsExactly("ID-06 [version is empty]");
    }
  }

  @Test
  void aKnownFailureDoesNotCountAndOneThatPassesIsReported() throws Exception {
    try (CorrectPlugin plugin =
        CorrectPlugin.onSocket(Files.createDirectory(folder.resolve("k")), "")) {
      Options options = QUICK.withInclude(List.of("ID")).withKnownFailing(Set.of("ID-06", "ID-02"));

      Report report = Sanity.run(plugin.target(), options);

      assertThat(report.passed()).isTrue();
      assertThat(statuses(report))
          .containsEntry("ID-06", Status.KNOWN)
          .containsEntry("ID-02", Status.FIXED);
    }
  }

  @Test
  void whatAnOlderOperatorDoesNotSendIsSkipped() throws Exception {
    Report report =
        Sanity.run(
            onSocket.target(), QUICK.withInclude(List.of("WAL-12")).withOperatorVersion("1.30"));

    assertThat(report.results())
        .singleElement()
        .satisfies(
            result -> assertThat(result.findings()).containsExactly("matters from operator 1.31"));
  }

  @Test
  void twoSocketsOfOnePluginAreFoundToBeTheSame() throws Exception {
    List<Report> reports =
        Sanity.run(
            List.of(onSocket.target(), onTcp.target()),
            QUICK.withInclude(List.of("HOST-01")),
            Progress.NONE);

    assertThat(failures(reports.getFirst())).singleElement().asString().startsWith("HOST-01");
    assertThat(reports.get(1).results()).isEmpty();
  }

  @Test
  void aTargetWhereNothingListensIsUnreachable() {
    assertThatThrownBy(() -> Sanity.run(new Target.Socket(folder.resolve("none")), QUICK))
        .isInstanceOf(UnreachableException.class)
        .hasMessageContaining("there is no such socket");
  }

  @Test
  void aServerThatSpeaksNoTlsIsUnreachableRatherThanSkippedThrough() throws Exception {
    Target.Tcp right = (Target.Tcp) onTcp.target();
    try (ServerSocket silent = new ServerSocket(0)) {
      Target target =
          new Target.Tcp(
              "127.0.0.1",
              silent.getLocalPort(),
              right.serverName(),
              "",
              right.ca(),
              right.cert(),
              right.key());

      assertThatThrownBy(() -> Sanity.run(target, QUICK.withInclude(List.of("LIF"))))
          .isInstanceOf(UnreachableException.class)
          .hasMessageContaining("no gRPC connection");
    }
  }
}
