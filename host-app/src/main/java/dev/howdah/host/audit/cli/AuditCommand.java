package dev.howdah.host.audit.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Groups the commands that read an audit trail. */
@Command(
    name = "audit",
    description = "Verifies and shows audit trails.",
    mixinStandardHelpOptions = true,
    subcommands = {VerifyCommand.class, ShowCommand.class})
@SuppressWarnings("NullAway.Init") // picocli sets the fields
public final class AuditCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to do: verify or show.");
  }
}
