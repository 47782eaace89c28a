package dev.howdah.host.cli;

import dev.howdah.host.HowdahApplication;
import dev.howdah.host.StartFailure;
import dev.howdah.host.audit.cli.AuditCommand;
import dev.howdah.host.doctor.DoctorCommand;
import dev.howdah.sanity.cli.SanityCommand;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.event.ApplicationStartedEvent;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ApplicationListener;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The program that {@code ./howdah} starts: picks the command and turns its end into an exit code.
 */
@Command(
    name = "howdah",
    description = "Carries many CloudNativePG plugins behind one gRPC endpoint.",
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    subcommands = CommandLine.HelpCommand.class,
    footer = {
      "",
      "Start with `howdah serve`, then ask it from another terminal: `howdah handshake`."
    })
public final class Howdah implements Runnable {

  @Spec private CommandSpec spec;

  @SuppressWarnings("NullAway.Init") // picocli sets the field before it runs anything
  private Howdah() {}

  /** Every command of the launcher, in the order in which help shows them. */
  private static List<Object> commands(Terminal terminal, ServeLauncher serveLauncher) {
    return List.of(
        new ServeCommand(terminal, serveLauncher),
        new CallCommand(terminal),
        new HandshakeCommand(terminal),
        PluginsCommand.commandLine(terminal),
        new AuditCommand(),
        new SanityCommand(),
        new DoctorCommand());
  }

  /**
   * Runs one command.
   *
   * @param arguments as typed after {@code howdah}
   */
  public static void main(String[] arguments) {
    // Until Spring decides about logging nothing is logged: a command's answer is for a pipe.
    LoggingSystem.get(Howdah.class.getClassLoader()).beforeInitialize();
    Terminal terminal = Terminal.ofProcess();
    int exitCode =
        ServeCommand.ofPlainFlags(arguments, terminal, Howdah::launchHost)
            .map(serve -> serve(serve, terminal))
            .orElseGet(() -> commandLine(terminal, Howdah::launchHost).execute(arguments));
    if (exitCode != ExitCode.OK) {
      System.exit(exitCode);
    }
    // No exit otherwise: after `serve` the host's own threads keep the process alive.
  }

  /** As the parser for command lines would run it. */
  private static int serve(ServeCommand command, Terminal terminal) {
    try {
      return command.call();
    } catch (CommandFailure ended) {
      terminal.err().println("howdah: " + ended.text());
      return ended.exitCode();
    } catch (Exception failure) {
      terminal.err().println("howdah: " + failure);
      return ExitCode.ERROR;
    }
  }

  private static AutoCloseable launchHost(List<String> springArguments) {
    try {
      SpringApplication application = HowdahApplication.application(HowdahApplication.class);
      // Before the terminal says how to stop it: a signal that comes right then has to find
      // somebody.
      application.addListeners(
          (ApplicationListener<ApplicationStartedEvent>)
              event -> ProcessLifetime.follow(event.getApplicationContext()));
      return application.run(springArguments.toArray(String[]::new));
    } catch (RuntimeException e) {
      throw CommandFailure.error(
          "The host did not start: " + StartFailure.explain(e).orElseGet(() -> unforeseen(e)));
    }
  }

  /** The innermost reason: the outer ones only say which bean could not be made for it. */
  private static String unforeseen(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root + ". Nobody foresaw that; the log above has the stack trace.";
  }

  static CommandLine commandLine(Terminal terminal, ServeLauncher serveLauncher) {
    CommandLine commandLine = new CommandLine(new Howdah());
    commands(terminal, serveLauncher).forEach(commandLine::addSubcommand);
    PluginCommands.on(Howdah.class.getClassLoader()).forEach(commandLine::addSubcommand);
    return commandLine
        .setOut(terminal.out())
        .setErr(terminal.err())
        .setUsageHelpWidth(100)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((failure, command, parsed) -> explain(failure, command))
        .setParameterExceptionHandler(Howdah::explainUsage);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say which command.");
  }

  private static int explain(Exception failure, CommandLine command) {
    if (failure instanceof CommandFailure ended) {
      command.getErr().println("howdah: " + ended.text());
      return ended.exitCode();
    }
    if (failure instanceof ParameterException wrong) {
      return explainUsage(wrong, new String[0]);
    }
    command.getErr().println("howdah: " + failure);
    return ExitCode.ERROR;
  }

  private static int explainUsage(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    command.getErr().println("howdah: " + wrong.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(wrong, command.getErr());
    command.getErr().println("Try `" + command.getCommandSpec().qualifiedName() + " --help`.");
    return ExitCode.USAGE;
  }

  /** The version in the jar's manifest. */
  static final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
      String version = Howdah.class.getPackage().getImplementationVersion();
      return new String[] {
        "howdah " + (version == null ? "(not packaged)" : version),
        "Java " + Runtime.version() + ", CNPG-I 0.6.0"
      };
    }
  }
}
