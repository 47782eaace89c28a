package dev.howdah.host.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
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
  void readsPlainFlagsAsTheParserDoes(@TempDir Path folder) throws Exception {
    Path config = Files.writeString(folder.resolve("host.yaml"), "howdah: {}\n");
    List<List<String>> lines =
        List.of(
            List.of("serve"),
            List.of("serve", "--config", config.toString()),
            List.of("serve", "--mode=Instance", "--plugin-path", "/plugins", "--home=a=b"),
            List.of(
                "serve",
                "--mode",
                "operator",
                "--server-address=[::1]:0",
                "--server-cert=s.crt",
                "--server-key=s.key",
                "--client-cert=c.crt",
                "--http-address=:8081"));
    for (List<String> line : lines) {
      List<List<String>> launched = new ArrayList<>();
      String[] arguments = line.toArray(String[]::new);
      ServeCommand plain =
          ServeCommand.ofPlainFlags(
                  arguments,
                  Terminal.ofProcess(),
                  given -> {
                    launched.add(given);
                    return () -> {};
                  })
              .orElseThrow();

      assertThat(plain.call()).isEqualTo(ExitCode.OK);
      assertThat(launched).isEqualTo(CommandRun.of(arguments).springArguments());
    }
  }

  @Test
  void leavesEveryOtherCommandLineToTheParser() {
    List<List<String>> lines =
        List.of(
            List.of(),
            List.of("--help"),
            List.of("plugins", "list"),
            List.of("serve", "--help"),
            List.of("serve", "--watch", "--plugin", "a.jar"),
            List.of("serve", "-Da=b"),
            List.of("serve", "--mode=nothing"),
            List.of("serve", "--home"),
            List.of("serve", "--home="),
            List.of("serve", "--home", "--mode=all"),
            List.of("serve", "--home=a", "--home=b"),
            List.of("serve", "--home='a'"));
    for (List<String> line : lines) {
      assertThat(
              ServeCommand.ofPlainFlags(
                  line.toArray(String[]::new), Terminal.ofProcess(), arguments -> () -> {}))
          .as(line.toString())
          .isEmpty();
    }
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
  void servesPluginsFromWhereTheyAre() {
    assertThat(
            CommandRun.of("serve", "--plugin", "a.jar", "b/classes", "--plugin", "c.jar")
                .springArguments())
        .containsExactly(
            List.of(
                "--howdah.discovery.plugins[0]=a.jar",
                "--howdah.discovery.plugins[1]=b/classes",
                "--howdah.discovery.plugins[2]=c.jar"));
  }

  @Test
  void leavesTheDebuggersPortToTheScriptAndTheLogAsItIs() {
    assertThat(CommandRun.of("serve", "--debug", "5005").springArguments())
        .containsExactly(List.of());
    assertThat(CommandRun.of("serve", "--debug").springArguments())
        .containsExactly(List.of("--logging.level.dev.howdah=debug"));

    CommandRun wrong = CommandRun.of("serve", "--debug", "port");
    assertThat(wrong.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(wrong.err()).contains("'port' of --debug is no port");
  }

  @Test
  void watchesOnlyWhatIsNamed() {
    CommandRun run = CommandRun.of("serve", "--watch");

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("--watch watches what --plugin names");
  }

  @Test
  void startsAnewOnceAPluginHasBeenBuiltAnewAndNotWhileItIs(@TempDir Path folder) throws Exception {
    Path jar = Files.writeString(folder.resolve("a.jar"), "first");
    BlockingQueue<String> events = new LinkedBlockingQueue<>();
    AtomicBoolean fail = new AtomicBoolean();
    ServeLauncher launcher =
        arguments -> {
          events.add("started with " + Files.exists(jar));
          if (fail.get()) {
            throw CommandFailure.error("No luck.");
          }
          return () -> events.add("stopped");
        };
    StringWriter err = new StringWriter();
    Terminal terminal =
        new Terminal(
            InputStream.nullInputStream(),
            new PrintWriter(new StringWriter()),
            new PrintWriter(err, true));
    Thread serving =
        new Thread(
            () ->
                Howdah.commandLine(terminal, launcher)
                    .execute("serve", "--watch", "--plugin", jar.toString()));
    serving.start();
    try {
      assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("started with true");
      await().until(() -> err.toString().contains("watching"));
      // What a build does: for a moment nothing is there.
      fail.set(true);
      Files.delete(jar);
      Files.writeString(jar, "second, longer");
      assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("stopped");
      assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("started with true");
      // A build that doesn't start doesn't end the watch.
      await().until(() -> err.toString().contains("No luck."));
      fail.set(false);
      Files.writeString(jar, "third, longer still");
      assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo("started with true");
    } finally {
      serving.interrupt();
      serving.join(10_000);
    }
    assertThat(serving.isAlive()).isFalse();
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
    for (String command :
        List.of("serve", "call", "handshake", "plugins", "plugins list", "plugins new")) {
      CommandRun run = CommandRun.of((command + " --help").split(" "));
      assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(run.out()).startsWith("Usage: howdah " + command);
      assertThat(run.springArguments()).isEmpty();
    }
  }
}
