package dev.howdah.plugins.configuration.cli;

import dev.howdah.plugin.PluginConfiguration;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.admission.ValidationFinding.Severity;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.configuration.ConfigurationExplainer;
import dev.howdah.plugins.configuration.ConfigurationPlugin;
import dev.howdah.plugins.configuration.offline.OfflineConfiguration;
import dev.howdah.plugins.configuration.offline.OtherPlugins;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * {@code howdah configuration explain}: says of each PostgreSQL parameter of Clusters in manifests
 * what it was, what it becomes, by which rule and whose word, and whether that needs a restart.
 * Needs no cluster at hand, and so works as a linter, too.
 */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Explains each PostgreSQL parameter of the Clusters in a manifest: old and new value, source,"
          + " rule, restart.",
      "Values in brackets are defaults, '=' means unchanged."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:nothing is wrong",
      "1:a Cluster has errors (with --strict: or warnings; with --live: or the server differs)",
      "2:the command line, a file or the server can't be read"
    })
public final class ExplainCommand implements Callable<Integer> {

  private static final int FINE = 0;
  private static final int WRONG = 1;
  private static final int UNREADABLE = 2;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "Manifests in YAML or JSON; '-' reads standard input. May be repeated.")
  private List<String> files = List.of();

  @Option(
      names = {"-c", "--configuration"},
      paramLabel = "FILE",
      description =
          "The host's configuration in YAML, for the policies in howdah.plugins.configuration.")
  private @Nullable Path configuration;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      defaultValue = "table",
      description = "table or json.")
  private String output = "table";

  @Option(
      names = "--live",
      paramLabel = "CONNECTION",
      description =
          "Compares with a running server: a JDBC URL, a postgresql:// URI or libpq's pairs. PGUSER"
              + " and PGPASSWORD are heeded.")
  private @Nullable String live;

  @Option(names = "--all", description = "Also shows what CloudNativePG sets.")
  private boolean all;

  @Option(names = "--strict", description = "Warnings count as errors.")
  private boolean strict;

  @Option(
      names = "--at",
      paramLabel = "TIME",
      description = "The time to reckon with, such as 2026-01-31T22:00:00Z; now by default.")
  private @Nullable Instant at;

  private final Map<String, String> environment;

  /** Made by the launcher. */
  public ExplainCommand() {
    this(System.getenv());
  }

  ExplainCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() {
    PrintWriter err = Objects.requireNonNull(spec).commandLine().getErr();
    try {
      List<Explanation> explanations = explain();
      print(explanations);
      return explanations.stream().anyMatch(this::wrong) ? WRONG : FINE;
    } catch (SQLException e) {
      err.println("The server given by --live can't be read: " + e.getMessage());
    } catch (IOException | UncheckedIOException e) {
      err.println("A file can't be read: " + e.getMessage());
    } catch (IllegalArgumentException | PluginException e) {
      err.println(e.getMessage());
    }
    err.flush();
    return UNREADABLE;
  }

  private boolean wrong(Explanation explanation) {
    boolean drifted = explanation.plan().parameters().stream().anyMatch(explanation::drifted);
    return drifted
        || explanation.has(Severity.ERROR)
        || strict && explanation.has(Severity.WARNING);
  }

  private List<Explanation> explain() throws IOException, SQLException {
    if (!List.of("table", "json").contains(output)) {
      throw new IllegalArgumentException(
          "--output '%s' is neither 'table' nor 'json'.".formatted(output));
    }
    Map<String, LiveSetting> settings =
        live == null ? Map.of() : LiveServer.of(live, environment).settings();
    ConfigurationExplainer explainer = new ConfigurationExplainer(configurationOf("configuration"));
    List<Explanation> explanations = new ArrayList<>();
    for (Cluster cluster : clusters()) {
      OtherPlugins others = new OtherPlugins(this::configurationOf, clock());
      var explained = explainer.explain(cluster, others.wishes(cluster, ConfigurationPlugin.NAME));
      List<String> notes = new ArrayList<>(explained.plan().notes());
      notes.addAll(others.notes());
      List<ValidationFinding> findings = explained.findings();
      explanations.add(
          new Explanation(
              cluster.qualifiedName(),
              explained.plan(),
              findings,
              notes,
              settings,
              !cluster.at("metadata", "resourceVersion").asString("").isEmpty()));
    }
    if (explanations.isEmpty()) {
      throw new IllegalArgumentException(
          "No Cluster of postgresql.cnpg.io in %s.".formatted(String.join(", ", files)));
    }
    return explanations;
  }

  private void print(List<Explanation> explanations) {
    PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
    if (output.equals("json")) {
      out.println(ExplanationJson.of(explanations));
    } else {
      ExplanationTable table = new ExplanationTable(out, all);
      explanations.forEach(table::print);
    }
    out.flush();
  }

  private PluginConfiguration configurationOf(String id) {
    try {
      return configuration == null
          ? OfflineConfiguration.empty()
          : OfflineConfiguration.read(configuration, id);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Clock clock() {
    return Optional.ofNullable(at)
        .map(time -> Clock.fixed(time, ZoneOffset.UTC))
        .orElse(Clock.systemUTC());
  }

  private List<Cluster> clusters() throws IOException {
    // Made here, since every start of the launcher makes this command.
    YAMLMapper yaml = new YAMLMapper();
    List<Cluster> clusters = new ArrayList<>();
    for (String file : files) {
      String text =
          file.equals("-")
              ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
              : Files.readString(Path.of(file));
      try (MappingIterator<JsonNode> documents = yaml.readerFor(JsonNode.class).readValues(text)) {
        while (documents.hasNext()) {
          if (documents.next() instanceof ObjectNode document) {
            collect(document, clusters);
          }
        }
      } catch (JacksonException e) {
        throw new IllegalArgumentException(
            "%s is not valid YAML: %s".formatted(file, e.getOriginalMessage()), e);
      }
    }
    return clusters;
  }

  private static void collect(ObjectNode document, List<Cluster> clusters) {
    String group = document.path("apiVersion").asString("").replaceFirst("/.*", "");
    if (document.path("kind").asString("").equals("List")) {
      for (JsonNode item : document.path("items")) {
        if (item instanceof ObjectNode object) {
          collect(object, clusters);
        }
      }
    } else if (document.path("kind").asString("").equals("Cluster")
        && group.equals("postgresql.cnpg.io")) {
      clusters.add(Cluster.of(document));
    }
  }
}
