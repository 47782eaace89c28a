package dev.howdah.plugins.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.configuration.cli.ExplainCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The plugin and {@code explain} on one class path, as in the host; neither knows the other. */
class ExplainLoggingTest {

  @TempDir Path folder;

  @Test
  void explainTellsLoggingFromProfileAndUser() throws IOException {
    Path manifest =
        Files.writeString(
            folder.resolve("cluster.yaml"),
            """
            apiVersion: postgresql.cnpg.io/v1
            kind: Cluster
            metadata: {name: orders}
            spec:
              imageName: ghcr.io/cloudnative-pg/postgresql:17.6
              resources: {limits: {memory: 8Gi}}
              plugins:
                - name: configuration.howdah.dev
                  parameters: {profile: web}
                - name: logging.howdah.dev
                  parameters:
                    preset: standard
                    verboseUntil: "2026-11-23T13:00:00Z"
              postgresql:
                parameters: {log_lock_waits: "off"}
            """);

    String before = explain(manifest, "2026-11-23T12:00:00Z");
    String after = explain(manifest, "2026-11-23T14:00:00Z");

    assertThat(before)
        .containsPattern("log_min_duration_statement +\\(-1\\) +250ms +logging logging.howdah.dev")
        .containsPattern("log_lock_waits +off += +user")
        .containsPattern("shared_buffers +\\(128MB\\) +2GB +profile web +yes");
    assertThat(after)
        .doesNotContain("wanted by")
        .containsPattern("log_min_duration_statement +\\(-1\\) +1s +logging");
  }

  private static String explain(Path manifest, String at) {
    StringWriter out = new StringWriter();
    int exit =
        new CommandLine(new ExplainCommand())
            .setOut(new PrintWriter(out, true))
            .execute("-f", manifest.toString(), "--at", at);
    assertThat(exit).isZero();
    return out.toString();
  }
}
