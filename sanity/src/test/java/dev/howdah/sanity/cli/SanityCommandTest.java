package dev.howdah.sanity.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.sanity.TestPlugins;
import dev.howdah.sanity.driver.Json;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

class SanityCommandTest {
  @TempDir Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private CommandLine command;

  @BeforeEach
  void prepare() {
    command =
        new CommandLine(new SanityCommand())
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err));
  }

  @Test
  void theExitCodeIsZeroWhenAllPassed() throws Exception {
    try (AutoCloseable plugin = TestPlugins.onSocket(folder, "1.0.0")) {
      assertThat(plugin).isNotNull();
      int code = command.execute("--dir", folder.toString(), "--include", "ID,CAP-01");

      assertThat(code).isZero();
      assertThat(out.toString()).contains("PASSED: 18 passed, 0 failed");
    }
  }

  @Test
  void theExitCodeIsOneWhenSomethingFailedAndEveryReportSaysWhat() throws Exception {
    Path reports = Files.createDirectory(folder.resolve("reports"));
    Path sockets = Files.createDirectory(folder.resolve("sockets"));
    try (AutoCloseable plugin = TestPlugins.onSocket(sockets, "")) {
      assertThat(plugin).isNotNull();
      int code =
          command.execute(
              "--target=unix:" + sockets.resolve(TestPlugins.NAME),
              "--include=ID",
              "--report=json=" + reports.resolve("r.json"),
              "--report=junit=" + reports.resolve("r.xml"),
              "--report=html=" + reports.resolve("r.html"),
              "--report=text");

      assertThat(code).isEqualTo(1);
    }
    assertThat(out.toString())
        .contains("ID-06 [MUST] FAILED")
        .contains("version is empty")
        .contains("remedy: Set version.");
    JsonNode json = Json.read(Files.readString(reports.resolve("r.json")));
    assertThat(json.at("/reports/0/counts/failed").asInt()).isEqualTo(1);
    Element xml =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(reports.resolve("r.xml").toFile())
            .getDocumentElement();
    assertThat(xml.getElementsByTagName("failure").getLength()).isEqualTo(1);
    assertThat(Files.readString(reports.resolve("r.html")))
        .contains("version is empty")
        .doesNotContain("src=", "<link", "@import", "url(");
  }

  @Test
  void aListOfKnownFailuresKeepsTheExitCodeZero() throws Exception {
    Path known = Files.writeString(folder.resolve("known"), "ID-06 # to be fixed\n\n# nothing\n");
    Path sockets = Files.createDirectory(folder.resolve("sockets"));
    try (AutoCloseable plugin = TestPlugins.onSocket(sockets, "")) {
      assertThat(plugin).isNotNull();
      int code = command.execute("--dir=" + sockets, "--include=ID", "--known-failing=" + known);

      assertThat(code).isZero();
      assertThat(out.toString()).contains("ID-06 [MUST] known to fail");
    }
  }

  @Test
  void wrongUsageIsTwoAndSaysWhatIsWrong() {
    assertThat(command.execute()).isEqualTo(2);
    assertThat(command.execute("--target", "nowhere")).isEqualTo(2);
    assertThat(command.execute("--target", "host:1")).isEqualTo(2);
    assertThat(command.execute("--target", "unix:/x", "--include", "NONE-01")).isEqualTo(2);
    assertThat(command.execute("--target", "unix:/x", "--report", "pdf")).isEqualTo(2);
    assertThat(command.execute("--target", "unix:/x", "--cluster", "/none.json")).isEqualTo(2);
    assertThat(err.toString())
        .contains("give --target or --dir")
        .contains("--target takes unix:PATH or HOST:PORT, not nowhere")
        .contains("a target on TCP wants --ca, --cert and --key")
        .contains("no check and no area is called NONE-01")
        .contains("--cluster: cannot read /none.json")
        .contains("--report takes text, json, junit or html, not pdf");
  }

  @Test
  void nothingThatAnswersIsThree() {
    int code = command.execute("--target", "unix:" + folder.resolve("none"));

    assertThat(code).isEqualTo(3);
    assertThat(err.toString()).contains("cannot connect to unix:");
  }

  @Test
  void oneCheckIsExplainedAndAllAreListed() {
    assertThat(command.execute("explain", "lif-06")).isZero();
    assertThat(command.execute("list")).isZero();
    assertThat(out.toString()).contains("No times, no random names").contains("WAL-17   SHOULD");
  }
}
