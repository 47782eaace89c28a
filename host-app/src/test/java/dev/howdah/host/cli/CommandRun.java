package dev.howdah.host.cli;

import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One command run in this process.
 *
 * @param springArguments what the host would have been started with; empty if it wasn't
 */
record CommandRun(int exitCode, String out, String err, List<List<String>> springArguments) {

  static CommandRun of(String... arguments) {
    return withInput("", arguments);
  }

  static CommandRun withInput(String input, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    List<List<String>> started = new ArrayList<>();
    Terminal terminal =
        new Terminal(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintWriter(out, true),
            new PrintWriter(err, true));
    ServeLauncher launcher =
        springArguments -> {
          started.add(springArguments);
          return () -> {};
        };
    int exitCode = Howdah.commandLine(terminal, launcher).execute(arguments);
    return new CommandRun(exitCode, out.toString(), err.toString(), started);
  }

  JsonNode json() {
    return JsonMapper.shared().readTree(out);
  }
}
