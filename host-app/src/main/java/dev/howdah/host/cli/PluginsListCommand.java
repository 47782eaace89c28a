package dev.howdah.host.cli;

import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.discovery.PluginDoor;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code howdah plugins list}: what was found where, how it does, and why not if it doesn't. */
@Command(
    name = "list",
    description =
        "Lists plugins: those of the running host, or, if none answers, those that one would find.",
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    sortOptions = false,
    exitCodeListHeading = ExitCode.HEADING,
    exitCodeList = {
      "0:the list is complete, whatever state the plugins are in",
      "2:the command line or a folder it names is wrong"
    },
    footer = {
      "",
      "Without a host no plugin's code runs: VERIFIED means that it would be started, and its",
      "constructor may still fail then."
    })
final class PluginsListCommand implements Callable<Integer> {

  private static final JsonMapper MAPPER = JsonMapper.shared();
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final Terminal terminal;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      defaultValue = "${env:HOWDAH_HOME:-.howdah}",
      description =
          "The host's home folder, with drop-ins in drop-in/ (HOWDAH_HOME)." + " Default: .howdah")
  private Path home = Path.of(".howdah");

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Looks into this folder of drop-ins and nowhere else, and asks no host.")
  private @Nullable Path directory;

  @Option(
      names = "--http-address",
      paramLabel = "[HOST]:PORT",
      defaultValue = "127.0.0.1:8081",
      description = "Where the running host's actuator is. Default: 127.0.0.1:8081")
  private String httpAddress = "127.0.0.1:8081";

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  private record Row(
      String id, String name, String version, String state, String source, String problem) {}

  PluginsListCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (directory != null) {
      if (!Files.isDirectory(directory)) {
        throw CommandFailure.usage(
            "There is no folder %s; --directory names one with drop-ins.".formatted(directory));
      }
      print("the folder " + directory, local(List.of(LocalPlugins.in(directory))));
      return ExitCode.OK;
    }
    HostAddress address = HostAddress.parse("--http-address", httpAddress);
    Optional<List<Row>> running = ask(address);
    if (running.isPresent()) {
      print("the host at http://" + address, running.get());
    } else {
      Path dropIns = home.resolve("drop-in");
      print(
          "the class path and the folder %s, since no host answers at http://%s"
              .formatted(dropIns, address),
          local(List.of(LocalPlugins.bundled(), LocalPlugins.in(dropIns))));
    }
    return ExitCode.OK;
  }

  private static Optional<List<Row>> ask(HostAddress address) {
    URI uri = URI.create("http://" + address + "/actuator/plugins");
    try (HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build()) {
      HttpResponse<String> answer =
          client.send(
              HttpRequest.newBuilder(uri).timeout(PATIENCE).build(),
              HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 ? rows(MAPPER.readTree(answer.body())) : Optional.empty();
    } catch (IOException | JacksonException unreachable) {
      return Optional.empty();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /** Takes a list, or one in an object: hosts of other versions may answer in another form. */
  private static Optional<List<Row>> rows(JsonNode answer) {
    JsonNode list = answer.isArray() ? answer : answer.path("plugins");
    if (!list.isArray()) {
      return Optional.empty();
    }
    List<Row> rows = new ArrayList<>();
    for (JsonNode plugin : list) {
      JsonNode problem = plugin.path("problem");
      String why =
          problem.isObject()
              ? (problem.path("reason").asString("") + " " + problem.path("remedy").asString(""))
                  .strip()
              : problem.asString("");
      String notReady = plugin.path("notReady").asString("");
      rows.add(
          new Row(
              plugin.path("id").asString(""),
              plugin.path("name").asString(""),
              plugin.path("version").asString(""),
              plugin.path("state").asString(""),
              plugin.path("source").asString(""),
              why.isEmpty() && !notReady.isEmpty() ? "It can't work now: " + notReady : why));
    }
    return Optional.of(rows);
  }

  private static List<Row> local(List<PluginDoor> doors) {
    return LocalPlugins.behind(doors).stream()
        .map(LocalPlugins.Found::handle)
        .map(PluginsListCommand::row)
        .toList();
  }

  private static Row row(PluginHandle handle) {
    return new Row(
        handle.id(),
        handle.name(),
        handle.descriptor().version(),
        handle.state().name(),
        handle.descriptor().source().toString(),
        handle.problem().map(Object::toString).orElse(""));
  }

  private void print(String where, List<Row> rows) {
    if (json) {
      List<Map<String, Object>> plugins = new ArrayList<>();
      for (Row row : rows) {
        Map<String, Object> plugin = new LinkedHashMap<>();
        plugin.put("id", row.id());
        plugin.put("name", row.name());
        plugin.put("version", row.version());
        plugin.put("state", row.state());
        plugin.put("source", row.source());
        plugin.put("problem", row.problem());
        plugins.add(plugin);
      }
      Map<String, Object> all = new LinkedHashMap<>();
      all.put("from", where);
      all.put("plugins", plugins);
      terminal.out().println(MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(all));
      return;
    }
    terminal.out().println("From " + where + ":");
    if (rows.isEmpty()) {
      terminal.out().println("no plugins");
      return;
    }
    TextTable table = new TextTable().row("ID", "NAME", "VERSION", "STATE", "SOURCE");
    for (Row row : rows) {
      table.row(row.id(), dash(row.name()), dash(row.version()), row.state(), row.source());
    }
    table.lines().forEach(terminal.out()::println);
    for (Row row : rows) {
      if (!row.problem().isEmpty()) {
        terminal.out().println();
        terminal.out().println(row.id() + " (" + row.source() + "): " + row.problem());
      }
    }
  }

  private static String dash(String text) {
    return text.isEmpty() ? "-" : text;
  }
}
