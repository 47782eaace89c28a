package dev.howdah.host.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code howdah plugins}: what belongs to writing plugins and dropping them in. */
@Command(
    name = "plugins",
    description = "Shows, checks, explains and begins plugins.",
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class)
final class PluginsCommand implements Runnable {

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the field before it runs anything
  private PluginsCommand() {}

  static CommandLine commandLine(Terminal terminal) {
    return new CommandLine(new PluginsCommand())
        .addSubcommand(new PluginsListCommand(terminal))
        .addSubcommand(new PluginsVerifyCommand(terminal))
        .addSubcommand(new PluginsExplainCommand(terminal))
        .addSubcommand(new PluginsNewCommand(terminal));
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say which: list, verify, explain or new.");
  }
}
