package dev.howdah.host.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.audit.TrailReader;
import dev.howdah.host.testing.Http;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/** What drop-ins log: their levels by their names, and the way from a line to its audit record. */
@ExtendWith(OutputCaptureExtension.class)
class DropInLogTest {

  @TempDir private Path home;

  @Test
  void aDropInsLevelIsSetByItsNameAndItsLinesNameTheAuditRecord(CapturedOutput output)
      throws Exception {
    chatty("quiet");
    chatty("loud");

    try (DropInHost host =
        DropInHost.start(
            home, "howdah.audit.enabled=true", "logging.level.loud.example.com=debug")) {
      assertThat(output).contains("loud begins").doesNotContain("quiet begins");

      host.status("quiet");
      assertThat(output).doesNotContain("quiet was asked");
      setLevel(host, "quiet.example.com", "DEBUG");
      host.status("quiet");
      setLevel(host, "quiet.example.com", "INFO");
      host.status("quiet");
    }

    assertThat(output.getOut().lines().filter(line -> line.contains("quiet was asked")))
        .singleElement()
        .asString()
        .contains("plugin=quiet.example.com")
        .containsPattern("audit=[0-9a-f-]{36}")
        .satisfies(line -> assertThat(method(line)).isEqualTo("SetStatusInCluster"));
  }

  private void chatty(String id) throws IOException {
    JarBuilder.jar()
        .manifest(id)
        .pluginSource(
            id,
            """
            private static final org.slf4j.Logger LOG =
                org.slf4j.LoggerFactory.getLogger(It.class);
            @Override public void start() { LOG.debug("%s begins"); }
            private static java.util.Map<String, String> said() {
              LOG.debug("%s was asked");
              return java.util.Map.of("said", "it");
            }
            """
                .formatted(id, id),
            "said()")
        .write(home.resolve("drop-in").resolve(id + ".jar"));
  }

  private static void setLevel(DropInHost host, String name, String level) {
    HttpRequest change =
        HttpRequest.newBuilder(URI.create(host.httpBase() + "/actuator/loggers/" + name))
            .header("Content-Type", "application/json")
            .POST(
                HttpRequest.BodyPublishers.ofString(
                    "{\"configuredLevel\":\"%s\"}".formatted(level)))
            .build();
    assertThat(Http.send(change).statusCode()).isEqualTo(204);
  }

  /** The method of the record that a line names. */
  private String method(String line) {
    String id = line.replaceFirst(".*audit=([0-9a-f-]{36}).*", "$1");
    try (Stream<JsonNode> records = TrailReader.read(home.resolve("audit"))) {
      return records
          .filter(record -> record.path("id").asString("").equals(id))
          .map(record -> record.path("method").asString(""))
          .findFirst()
          .orElse("no record");
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
