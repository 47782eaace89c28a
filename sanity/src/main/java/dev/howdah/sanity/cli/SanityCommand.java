package dev.howdah.sanity.cli;

import dev.howdah.sanity.Level;
import dev.howdah.sanity.Options;
import dev.howdah.sanity.Progress;
import dev.howdah.sanity.Report;
import dev.howdah.sanity.Sanity;
import dev.howdah.sanity.Target;
import dev.howdah.sanity.UnreachableException;
import dev.howdah.sanity.check.Catalogue;
import dev.howdah.sanity.report.Format;
import java.io.Console;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Tests CNPG-I plugins from outside. Exit codes: 0 all passed, 1 something failed, 2 wrong usage, 3
 * nothing answers at the target.
 */
@Command(
    name = "sanity",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    header = "Tests any CNPG-I plugin as the operator would use it.",
    description = {
      "",
      "Over TCP the certificate files are those of the Secrets that the Service's annotations"
          + " name.",
      "Nothing is stored or deleted unless --destructive is given."
    },
    footer = {
      "",
      "Examples:",
      "  howdah sanity --target unix:/plugins/backup.example.com",
      "  howdah sanity --target localhost:9090 --server-name backup.example.com \\",
      "    --ca server/tls.crt --cert client/tls.crt --key client/tls.key --report"
          + " html=report.html",
      "",
      "Exit codes: 0 passed, 1 failures, 2 usage, 3 cannot connect."
    },
    subcommands = {ListCommand.class, ExplainCommand.class})
public final class SanityCommand implements Callable<Integer> {
  private static final int FAILURES = 1;
  private static final int UNREACHABLE = 3;
  private static final String UNIX = "unix:";

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--target",
      paramLabel = "unix:PATH|HOST:PORT",
      description = "A socket or an address; may be repeated.")
  private List<String> targets = new ArrayList<>();

  @Option(names = "--dir", description = "A folder of sockets, all of which are tested.")
  private @Nullable Path dir;

  @Option(
      names = "--server-name",
      description =
          "TLS server name and authority on TCP; default: the host. Repeated, it names several"
              + " plugins behind one address.")
  private List<String> serverNames = new ArrayList<>();

  @Option(
      names = "--plugin-name",
      description = "The Service's label cnpg.io/pluginName on TCP, one for each server name.")
  private List<String> pluginNames = new ArrayList<>();

  @Option(names = "--ca", description = "tls.crt of the server's Secret (PEM).")
  private @Nullable Path ca;

  @Option(names = "--cert", description = "tls.crt of the client's Secret (PEM).")
  private @Nullable Path cert;

  @Option(names = "--key", description = "tls.key of the client's Secret (PEM).")
  private @Nullable Path key;

  @Option(
      names = "--cluster",
      description = "A Cluster (JSON) to send instead of the built-in one.")
  private @Nullable Path cluster;

  @Option(names = "--backup", description = "A Backup (JSON) to send instead of the built-in one.")
  private @Nullable Path backup;

  @Option(
      names = "--parameter",
      paramLabel = "KEY=VALUE",
      description = "A parameter of the plugin in the Clusters that are sent.")
  private Map<String, String> parameters = new HashMap<>();

  @Option(
      names = "--bad-parameter",
      paramLabel = "KEY=VALUE",
      description = "A parameter that the plugin has to find fault with.")
  private Map<String, String> badParameters = new HashMap<>();

  @Option(
      names = "--unreachable-parameter",
      paramLabel = "KEY=VALUE",
      description = "A parameter that leads to a store nobody answers at.")
  private Map<String, String> unreachable = new HashMap<>();

  @Option(
      names = "--include",
      split = ",",
      paramLabel = "ID",
      description = "Run these only: ids such as LIF-06, or areas such as LIF.")
  private List<String> include = new ArrayList<>();

  @Option(names = "--exclude", split = ",", paramLabel = "ID", description = "Leave these out.")
  private List<String> exclude = new ArrayList<>();

  @Option(
      names = "--level",
      description = "The weakest level to run: ${COMPLETION-CANDIDATES}; default ADVICE.")
  private Level level = Level.ADVICE;

  @Option(
      names = "--operator-version",
      defaultValue = "",
      description = "Imitate this operator, such as 1.30; default: the newest known.")
  private String operatorVersion = "";

  @Option(
      names = "--known-failing",
      paramLabel = "FILE",
      description = "Ids that are known to fail, one a line: still run, not counted.")
  private @Nullable Path knownFailing;

  @Option(
      names = "--destructive",
      description = "Also archive, back up, restore and deregister, against the plugin's store.")
  private boolean destructive;

  @Option(
      names = "--repeat",
      defaultValue = "10",
      description = "How often to repeat where the answers must be equal; default 10.")
  private int repeat = 10;

  @Option(
      names = "--timeout",
      defaultValue = "30",
      paramLabel = "SECONDS",
      description = "Limit for one call; default 30.")
  private int timeout = 30;

  @Option(
      names = "--idle",
      defaultValue = "2",
      paramLabel = "SECONDS",
      description = "How long to leave a connection alone; default 2.")
  private int idle = 2;

  @Option(
      names = "--scratch",
      description = "A folder that the plugin sees at the same path; default: a temporary one.")
  private @Nullable Path scratch;

  @Option(names = "--pgdata", description = "The folder that the plugin restores into; is emptied.")
  private @Nullable Path pgdata;

  @Option(
      names = "--postgres-uid",
      defaultValue = "-1",
      description = "User id of PostgreSQL beside the socket; default: the socket's owner.")
  private int postgresUid = -1;

  @Option(
      names = "--rotate",
      defaultValue = "",
      paramLabel = "COMMAND",
      description = "A command that replaces the server's certificate on disk.")
  private String rotate = "";

  @Option(
      names = "--start",
      defaultValue = "",
      paramLabel = "COMMAND",
      description = "A command that starts the plugin anew and returns.")
  private String start = "";

  @Option(
      names = "--report",
      paramLabel = "FORMAT[=FILE]",
      description = "text, json, junit or html, to a file or to standard output; default text.")
  private List<String> reports = new ArrayList<>();

  /**
   * Runs the command by itself.
   *
   * @param arguments as for {@code howdah sanity}
   */
  public static void main(String[] arguments) {
    Logger.getLogger("io.grpc").setLevel(java.util.logging.Level.SEVERE);
    Logger.getLogger("io.netty").setLevel(java.util.logging.Level.SEVERE);
    System.exit(new CommandLine(new SanityCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    List<Target> all = targets();
    List<Output> outputs = outputs();
    Options options = options();
    PrintWriter err = commandLine().getErr();
    List<Report> results;
    try {
      results = Sanity.run(all, options, progress(err));
    } catch (UnreachableException e) {
      err.println(e.getMessage());
      err.flush();
      return UNREACHABLE;
    }
    for (Output output : outputs) {
      String text = output.format.print(results);
      if (output.file == null) {
        commandLine().getOut().print(text);
        commandLine().getOut().flush();
      } else {
        Files.writeString(output.file, text);
      }
    }
    return results.stream().allMatch(Report::passed) ? 0 : FAILURES;
  }

  private CommandLine commandLine() {
    if (spec == null) {
      throw new IllegalStateException("run by picocli only");
    }
    return spec.commandLine();
  }

  private ParameterException usage(String message) {
    return new ParameterException(commandLine(), message);
  }

  private record Output(Format format, @Nullable Path file) {}

  private List<Output> outputs() {
    List<Output> outputs = new ArrayList<>();
    for (String report : reports.isEmpty() ? List.of("text") : reports) {
      String[] parts = report.split("=", 2);
      try {
        Format format = Format.valueOf(parts[0].toUpperCase(Locale.ROOT));
        outputs.add(new Output(format, parts.length == 1 ? null : Path.of(parts[1])));
      } catch (IllegalArgumentException e) {
        throw usage("--report takes text, json, junit or html, not " + parts[0]);
      }
    }
    return outputs;
  }

  private List<Target> targets() throws IOException {
    List<Target> all = new ArrayList<>();
    Path folder = dir;
    if (folder != null) {
      if (!Files.isDirectory(folder)) {
        throw usage("--dir: no folder " + folder);
      }
      try (Stream<Path> entries = Files.list(folder)) {
        entries
            .filter(entry -> !Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS))
            .filter(entry -> !Files.isDirectory(entry))
            .sorted()
            .forEach(entry -> all.add(new Target.Socket(entry)));
      }
      if (all.isEmpty()) {
        throw usage("--dir: no socket in " + folder);
      }
    }
    for (String target : targets) {
      if (target.startsWith(UNIX)) {
        all.add(new Target.Socket(Path.of(target.substring(UNIX.length()))));
      } else {
        all.addAll(addresses(target));
      }
    }
    if (all.isEmpty()) {
      throw usage("give --target or --dir");
    }
    return all;
  }

  private List<Target> addresses(String target) {
    int colon = target.lastIndexOf(':');
    Path root = ca;
    Path shown = cert;
    Path secret = key;
    if (colon <= 0 || !target.substring(colon + 1).matches("[0-9]{1,5}")) {
      throw usage("--target takes unix:PATH or HOST:PORT, not " + target);
    }
    if (root == null || shown == null || secret == null) {
      throw usage("a target on TCP wants --ca, --cert and --key");
    }
    readable("--ca", root);
    readable("--cert", shown);
    readable("--key", secret);
    if (!pluginNames.isEmpty() && pluginNames.size() != Math.max(1, serverNames.size())) {
      throw usage("give one --plugin-name for each --server-name");
    }
    String host = target.substring(0, colon);
    int port = Integer.parseInt(target.substring(colon + 1));
    List<String> names = serverNames.isEmpty() ? List.of(host) : serverNames;
    List<Target> all = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String plugin = pluginNames.isEmpty() ? "" : pluginNames.get(i);
      all.add(new Target.Tcp(host, port, names.get(i), plugin, root, shown, secret));
    }
    return all;
  }

  private Options options() throws IOException {
    readable("--cluster", cluster);
    readable("--backup", backup);
    readable("--known-failing", knownFailing);
    for (String pattern : Stream.concat(include.stream(), exclude.stream()).toList()) {
      known(pattern);
    }
    if (repeat < 2) {
      throw usage("--repeat must be at least 2");
    }
    if (!operatorVersion.isEmpty() && !operatorVersion.matches("[0-9]+\\.[0-9]+(\\..*)?")) {
      throw usage("--operator-version takes a version such as 1.30, not " + operatorVersion);
    }
    return new Options(
        parameters,
        badParameters,
        unreachable,
        cluster,
        backup,
        include,
        exclude,
        level,
        operatorVersion,
        readKnown(),
        destructive,
        repeat,
        Duration.ofSeconds(timeout),
        Duration.ofSeconds(idle),
        scratch,
        pgdata,
        postgresUid,
        rotate,
        start);
  }

  private void readable(String option, @Nullable Path file) {
    if (file != null && !Files.isReadable(file)) {
      throw usage(option + ": cannot read " + file);
    }
  }

  private void known(String pattern) {
    boolean found =
        Catalogue.all().stream()
            .anyMatch(check -> check.id().equals(pattern) || check.area().prefix().equals(pattern));
    if (!found) {
      throw usage("no check and no area is called " + pattern + "; see howdah sanity list");
    }
  }

  private Set<String> readKnown() throws IOException {
    Path file = knownFailing;
    Set<String> ids = new HashSet<>();
    if (file != null) {
      for (String line : Files.readAllLines(file)) {
        String id = line.replaceFirst("#.*", "").strip();
        if (!id.isEmpty()) {
          known(id);
          ids.add(id);
        }
      }
    }
    return ids;
  }

  private static Progress progress(PrintWriter err) {
    Console console = System.console();
    return console != null && console.isTerminal() ? new TerminalProgress(err) : Progress.NONE;
  }
}
