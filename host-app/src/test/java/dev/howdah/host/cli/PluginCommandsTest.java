package dev.howdah.host.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginCommandsTest {

  @TempDir Path folder;

  @Test
  void theConfigurationPluginBringsExplain() throws IOException {
    Path manifest =
        Files.writeString(
            folder.resolve("cluster.yaml"),
            """
            apiVersion: postgresql.cnpg.io/v1
            kind: Cluster
            metadata: {name: orders}
            spec: {postgresql: {parameters: {work_memm: 1MB}}}
            """);

    CommandRun run = CommandRun.of("configuration", "explain", "-f", manifest.toString());

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.out()).contains("did you mean 'work_mem'?");
  }

  @Test
  void theAuditGuidesClusterIsExplainedWithTheReasonForEachParameter() throws IOException {
    String guide = Files.readString(Path.of("../docs/plugins/audit.md"));
    String copied =
        Pattern.compile("```yaml\n(apiVersion: postgresql.cnpg.io/v1\n.*?)```", Pattern.DOTALL)
            .matcher(guide)
            .results()
            .map(block -> block.group(1))
            .findFirst()
            .orElseThrow();
    Path manifest = Files.writeString(folder.resolve("cluster.yaml"), copied);

    CommandRun run = CommandRun.of("configuration", "explain", "-f", manifest.toString());

    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .containsPattern("pgaudit\\.log .* pgaudit ddl: logs definitions, roles and privileges")
        .containsPattern("pgaudit\\.log_catalog .* pgaudit ddl: leaves out")
        .doesNotContain("could not be asked");
  }

  @Test
  void aGroupByItselfAsksForACommand() {
    CommandRun run = CommandRun.of("configuration");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("Say which command.");
  }

  @Test
  void namesWhatIsNoCommand() throws IOException {
    Path properties = folder.resolve(PluginCommands.LOCATION);
    Files.createDirectories(properties.getParent());
    Files.writeString(properties, "x.y=no.such.Command\n");

    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {folder.toUri().toURL()}, getClass().getClassLoader())) {
      assertThatIllegalStateException()
          .isThrownBy(() -> PluginCommands.on(loader))
          .withMessageContaining("no.such.Command");
    }
  }
}
