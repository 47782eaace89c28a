package dev.howdah.plugins.objectstore.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code object-store}: looks into an archive, cares for it and restores from it. */
@Command(
    name = "object-store",
    description = "Looks into an archive of WAL and base backups, and restores from it.",
    subcommands = {
      ListCommand.class,
      ShowCommand.class,
      PlanCommand.class,
      RestoreCommand.class,
      VerifyCommand.class,
      DeleteCommand.class,
      CheckCommand.class,
      RetainCommand.class
    },
    mixinStandardHelpOptions = true)
public final class ObjectStoreCommand implements Runnable {

  @Spec private CommandSpec spec;

  /** Made by picocli. */
  @SuppressWarnings("NullAway.Init") // picocli sets the field before it runs anything
  public ObjectStoreCommand() {}

  /**
   * Runs one command, for those who have the plugin but no host.
   *
   * @param arguments as typed after {@code object-store}
   */
  public static void main(String[] arguments) {
    int exitCode = new CommandLine(new ObjectStoreCommand()).execute(arguments);
    if (exitCode != 0) {
      System.exit(exitCode);
    }
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say which command.");
  }
}
