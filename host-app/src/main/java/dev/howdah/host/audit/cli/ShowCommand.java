package dev.howdah.host.audit.cli;

import dev.howdah.host.audit.TrailReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Filters and prints what a trail holds; it doesn't verify. */
@Command(
    name = "show",
    description = "Prints the records of an audit trail that all given filters match.",
    mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init") // picocli sets the fields
final class ShowCommand implements Callable<Integer> {

  private static final String ROW = "%-24s %-7s %-10s %-34s %-26s %-28s %s%n";

  @Parameters(paramLabel = "FILE|DIR", description = "The trail's folder, or one file.")
  private Path place;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      converter = InstantConverter.class,
      description = "From this time on, such as 2026-03-01T12:00:00Z.")
  private @Nullable Instant since;

  @Option(
      names = "--until",
      paramLabel = "TIME",
      converter = InstantConverter.class,
      description = "Before this time.")
  private @Nullable Instant until;

  @Option(names = "--kind", description = "call, change or event.")
  private @Nullable String kind;

  @Option(names = "--plugin", description = "The plugin's name.")
  private @Nullable String plugin;

  @Option(names = "--method", description = "The method, admission operation or event's action.")
  private @Nullable String method;

  @Option(names = "--namespace", description = "The Cluster's namespace.")
  private @Nullable String namespace;

  @Option(names = "--cluster", description = "The Cluster's name.")
  private @Nullable String cluster;

  @Option(names = "--user", description = "The user on whose behalf a change was made.")
  private @Nullable String user;

  @Option(names = "--outcome", description = "A status code's name, or 'error' for all but OK.")
  private @Nullable String outcome;

  @Option(names = "--writer", description = "The writer.")
  private @Nullable String writer;

  @Option(names = "--id", description = "The record's id, as log lines give it.")
  private @Nullable String id;

  @Option(names = "--all-lines", description = "Also checkpoints and other lines of the chain.")
  private boolean allLines;

  @Option(
      names = "--repeated",
      description = "Also records whose key another one has had, such as another replica's.")
  private boolean repeated;

  @Option(names = "--json", description = "Prints whole records, one a line.")
  private boolean json;

  @Option(names = "--limit", description = "Prints at most this many; 0 for all.")
  private int limit;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (!Files.exists(place)) {
      spec.commandLine().getErr().println("There is no " + place + ".");
      return VerifyCommand.UNREADABLE;
    }
    try (Stream<JsonNode> lines = TrailReader.read(place)) {
      Stream<JsonNode> chosen = lines.filter(filter()).filter(firstOfItsKey());
      print(limit > 0 ? chosen.limit(limit) : chosen, out);
      out.flush();
      return 0;
    } catch (IOException e) {
      spec.commandLine().getErr().println("The trail can't be read: " + e.getMessage());
      return VerifyCommand.UNREADABLE;
    }
  }

  private Predicate<JsonNode> filter() {
    return line ->
        (allLines || text(line, "type").equals("record"))
            && is(kind, text(line, "kind"))
            && is(plugin, text(line, "plugin"))
            && is(method, text(line, "method"))
            && is(namespace, text(line, "cluster", "namespace"))
            && is(cluster, text(line, "cluster", "name"))
            && is(user, text(line, "actor", "user"))
            && is(writer, text(line, "writer"))
            && is(id, text(line, "id"))
            && outcomeMatches(text(line, "outcome"))
            && timeMatches(text(line, "time"));
  }

  /** Each replica is a writer of its own, so what two of them saw is there twice. */
  private Predicate<JsonNode> firstOfItsKey() {
    Set<String> seen = new HashSet<>();
    return line ->
        repeated
            || !text(line, "type").equals("record")
            || text(line, "key").isEmpty()
            || seen.add(text(line, "key"));
  }

  private static boolean is(@Nullable String wanted, String value) {
    return wanted == null || wanted.equals(value);
  }

  private boolean outcomeMatches(String value) {
    return is(outcome, value) || ("error".equals(outcome) && !value.equals("OK"));
  }

  private boolean timeMatches(String value) {
    if (since == null && until == null) {
      return true;
    }
    Optional<Instant> time = parse(value);
    return time.isPresent()
        && (since == null || !time.get().isBefore(since))
        && (until == null || time.get().isBefore(until));
  }

  private static Optional<Instant> parse(String value) {
    try {
      return Optional.of(Instant.parse(value));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private void print(Stream<JsonNode> lines, PrintWriter out) {
    if (json) {
      JsonMapper mapper = new JsonMapper();
      lines.forEach(line -> out.println(mapper.writeValueAsString(line)));
      return;
    }
    out.printf(Locale.ROOT, ROW, "TIME", "KIND", "OUTCOME", "PLUGIN", "METHOD", "CLUSTER", "WHAT");
    lines.forEach(line -> printRow(line, out));
  }

  private static void printRow(JsonNode line, PrintWriter out) {
    boolean record = text(line, "type").equals("record");
    out.printf(
        Locale.ROOT,
        ROW,
        text(line, "time"),
        record ? text(line, "kind") : text(line, "type"),
        text(line, "outcome"),
        text(line, "plugin"),
        text(line, "method"),
        joined("/", text(line, "cluster", "namespace"), text(line, "cluster", "name")),
        what(line));
  }

  private static String what(JsonNode line) {
    String object =
        joined(
            " ",
            line.path("intended").asBoolean(false) ? "intended" : "",
            text(line, "operation"),
            text(line, "object", "kind"),
            text(line, "object", "name"));
    String user = text(line, "actor", "user");
    String managers = text(line, "details", "managers");
    String who = user.isEmpty() && !managers.isEmpty() ? "an unknown user of " + managers : user;
    String changed = line.path("diff").isArray() ? line.path("diff").size() + " fields" : "";
    return joined(" ", object, who.isEmpty() ? "" : "by " + who, changed);
  }

  private static String joined(String separator, String... parts) {
    return String.join(separator, Stream.of(parts).filter(part -> !part.isEmpty()).toList());
  }

  private static String text(JsonNode line, String... path) {
    JsonNode node = line;
    for (String step : path) {
      node = node.path(step);
    }
    return node.asString("");
  }

  /** Reads times as ISO 8601 writes them. */
  static final class InstantConverter implements ITypeConverter<Instant> {
    @Override
    public Instant convert(String value) {
      try {
        return Instant.parse(value);
      } catch (DateTimeParseException e) {
        throw new TypeConversionException(
            "'%s' is not a time such as 2026-03-01T12:00:00Z".formatted(value));
      }
    }
  }
}
