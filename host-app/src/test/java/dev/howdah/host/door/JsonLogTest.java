package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.audit.TrailReader;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.TestPlugin;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a host writes for a log collector; in a process of its own, since logging is one for all.
 */
class JsonLogTest {

  private static final String BROKEN = "broken.example.com";

  @TempDir Path folder;

  /** The other process: a host, and a caller whom its plugin fails. */
  static final class Broken {
    public static void main(String[] arguments) {
      EmbeddedHost host =
          EmbeddedHost.in(Path.of(arguments[0]))
              .classPathPlugins()
              // What --log-format json sets.
              .property("logging.structured.format.console", "ecs")
              .property("howdah.audit.enabled", "true")
              // Nobody is there; the trace has its ids all the same.
              .property("howdah.tracing.endpoint", "http://127.0.0.1:9/v1/traces")
              .plugin(
                  "broken",
                  TestPlugin.of(
                      BROKEN,
                      hooks ->
                          hooks.preReconcileCluster(
                              context -> {
                                throw new IllegalStateException("the shelf fell");
                              })))
              .start();
      Protocol.Rpc pre = Protocol.rpc("ReconcilerHooks/Pre");
      try (HostClient client = new HostClient(host)) {
        pre.status(client.socket(BROKEN), pre.request(Clusters.naming(BROKEN)));
      }
      host.close();
    }
  }

  private JsonNode record() throws IOException {
    try (Stream<JsonNode> lines = TrailReader.read(folder.resolve("home/audit"))) {
      return lines
          .filter(line -> line.path("kind").asString("").equals("call"))
          .filter(line -> line.path("method").asString("").equals("Pre"))
          .findFirst()
          .orElseThrow();
    }
  }

  @Test
  @Timeout(120)
  void everyLineIsJsonAndThatOfAFailedCallNamesPluginMethodClusterAuditRecordAndTrace()
      throws Exception {
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Broken.class.getName(),
                folder.resolve("home").toString())
            .redirectOutput(log.toFile())
            .redirectError(folder.resolve("errors").toFile())
            .start();
    try {
      assertThat(process.waitFor(90, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }

    List<JsonNode> lines =
        Files.readAllLines(log, StandardCharsets.UTF_8).stream()
            .map(line -> JsonMapper.shared().readTree(line))
            .toList();
    assertThat(lines)
        .filteredOn(line -> line.toString().contains("the shelf fell"))
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.path("audit").asString()).isEqualTo(record().path("id").asString());
              assertThat(line.path("plugin").asString()).isEqualTo(BROKEN);
              assertThat(line.path("rpc").asString()).isEqualTo("ReconcilerHooks/Pre");
              assertThat(line.path("traceId").asString()).matches("[0-9a-f]{32}");
              assertThat(line.path("spanId").asString()).matches("[0-9a-f]{16}");
              assertThat(line.path("cluster").asString()).contains("/");
              assertThat(line.at("/log/level").asString()).isIn("WARN", "ERROR");
            });
  }
}
