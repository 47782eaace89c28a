package dev.howdah.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServeCommandTest {

  @Test
  void leavesWhatWasNotGivenToSpring() {
    assertThat(CommandRun.of("serve").springArguments()).containsExactly(List.of());
  }

  @Test
  void turnsEachFlagIntoItsProperty(@TempDir Path folder) throws IOException {
    Path config = Files.writeString(folder.resolve("host.yaml"), "howdah: {}\n");

    CommandRun run =
        CommandRun.of(
            "serve",
            "--home=h",
            "--mode=operator",
            "--server-address=:9090",
            "--server-cert=s.crt",
            "--server-key=s.key",
            "--client-cert=c.crt",
            "--plugin-path=/plugins",
            "--http-address=:8081",
            "--log-format=json",
            "--config=" + config,
            "-Dhowdah.a=1",
            "--set",
            "howdah.b=x=y",
            "--debug");

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.springArguments())
        .containsExactly(
            List.of(
                "--howdah.home=h",
                "--howdah.mode=operator",
                "--howdah.grpc.address=:9090",
                "--howdah.grpc.tls.certificate=s.crt",
                "--howdah.grpc.tls.private-key=s.key",
                "--howdah.grpc.tls.client-certificates=c.crt",
                "--howdah.sockets.directory=/plugins",
                "--server.address=0.0.0.0",
                "--server.port=8081",
                "--logging.structured.format.console=ecs",
                "--logging.level.dev.howdah=debug",
                "--spring.config.additional-location=" + config.toUri(),
                "--howdah.a=1",
                "--howdah.b=x=y"));
  }

  @Test
  void takesTheServerAddressAloneWithTheDevelopmentCertificates() {
    assertThat(CommandRun.of("serve", "--server-address", "127.0.0.1:7000").springArguments())
        .containsExactly(List.of("--howdah.grpc.address=127.0.0.1:7000"));
  }

  @Test
  void takesTheCertificateFlagsOnlyTogetherAsGoPluginsDo() {
    CommandRun run = CommandRun.of("serve", "--server-cert", "s.crt", "--server-key", "s.key");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err())
        .contains("must be given together")
        .contains("--client-cert and --server-address are missing");
    assertThat(run.springArguments()).isEmpty();
  }

  @Test
  void refusesAConfigurationFileThatIsNotThere() {
    CommandRun run = CommandRun.of("serve", "--config", "/nowhere/host.yaml");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("/nowhere/host.yaml").contains("--config");
  }

  @Test
  void refusesAnHttpAddressWithoutAPort() {
    CommandRun run = CommandRun.of("serve", "--http-address", "localhost");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("\"localhost\" of --http-address isn't an address");
  }

  @Test
  void suggestsTheCommandThatWasMeant() {
    CommandRun run = CommandRun.of("srve");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("Did you mean").contains("serve");
  }

  @Test
  void showsHelpOfEveryCommandWithoutStartingAnything() {
    for (String command : List.of("serve", "call", "handshake")) {
      CommandRun run = CommandRun.of(command, "--help");
      assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(run.out()).startsWith("Usage: howdah " + command);
      assertThat(run.springArguments()).isEmpty();
    }
  }
}
