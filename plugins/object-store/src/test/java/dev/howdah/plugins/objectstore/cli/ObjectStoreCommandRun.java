package dev.howdah.plugins.objectstore.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;

/**
 * What a command that ran over a directory has said.
 *
 * @param exitCode how it ended
 * @param out its answer
 * @param err its complaints
 */
public record ObjectStoreCommandRun(int exitCode, String out, String err) {

  /** Runs it. */
  public static ObjectStoreCommandRun over(Path root, String server, String... words) {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.addAll(List.of("--destination", root.toUri().toString(), "--server", server));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine command = new CommandLine(new ObjectStoreCommand());
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int exitCode = command.execute(arguments.toArray(String[]::new));
    return new ObjectStoreCommandRun(exitCode, out.toString(), err.toString());
  }
}
