package dev.howdah.host.cli;

import dev.howdah.host.discovery.DropInDoor;
import dev.howdah.host.discovery.DropInSource;
import dev.howdah.host.discovery.PluginClassLoader;
import dev.howdah.host.discovery.PluginDoor;
import dev.howdah.host.discovery.PluginInspection;
import dev.howdah.plugin.PluginManifest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** {@code howdah plugins explain}: what a plugin is, does and can be told. */
@Command(
    name = "explain",
    description =
        "Explains a plugin: metadata, hooks, the capabilities that follow from them, parameters and"
            + " configuration keys. The plugin is made, but not started.",
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    sortOptions = false,
    exitCodeListHeading = ExitCode.HEADING,
    exitCodeList = {
      "0:all is known",
      "1:the plugin can't be made, so not all is known",
      ExitCode.USAGE_TEXT
    })
final class PluginsExplainCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Parameters(
      paramLabel = "ID|FILE.jar",
      description = "The id or name of a plugin of the host or its drop-in folder, or a drop-in.")
  private String plugin = "";

  @Option(
      names = "--home",
      paramLabel = "DIR",
      defaultValue = "${env:HOWDAH_HOME:-.howdah}",
      description =
          "The host's home folder, with drop-ins in drop-in/ (HOWDAH_HOME). Default: .howdah")
  private Path home = Path.of(".howdah");

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "The folder of drop-ins. Default: drop-in/ in the home folder")
  private @Nullable Path directory;

  @Option(
      names = {"-D", "--set"},
      paramLabel = "KEY=VALUE",
      description = "Sets a property that the plugin needs, such as howdah.plugins.hello.url=x.")
  private Map<String, String> properties = new LinkedHashMap<>();

  @Option(names = "--json", description = "Prints JSON.")
  private boolean json;

  PluginsExplainCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    LocalPlugins.Found found = find();
    PluginManifest manifest =
        found
            .manifest()
            .orElseThrow(
                () ->
                    CommandFailure.error(
                        "%s can't be explained. %s"
                            .formatted(
                                plugin,
                                found.handle().problem().map(Object::toString).orElse(""))));
    return switch (found.handle().descriptor().source().door()) {
      case DROP_IN -> {
        DropInSource source = DropInSource.parse(found.handle().descriptor().source().location());
        try (PluginClassLoader loader =
            DropInDoor.classLoader(source, manifest, LocalPlugins.hostLoader())) {
          yield explain(found, manifest, loader);
        }
      }
      case CLASS_PATH, EMBEDDED, NAMED -> explain(found, manifest, LocalPlugins.hostLoader());
    };
  }

  private LocalPlugins.Found find() {
    if (Files.exists(Path.of(plugin)) || plugin.endsWith(".jar") || plugin.contains("/")) {
      return LocalPlugins.behind(List.of(LocalPlugins.one(DropInSource.parse(plugin)))).getFirst();
    }
    PluginDoor dropIns = LocalPlugins.in(directory == null ? home.resolve("drop-in") : directory);
    List<LocalPlugins.Found> all = LocalPlugins.behind(List.of(LocalPlugins.bundled(), dropIns));
    return all.stream()
        .filter(it -> it.handle().id().equals(plugin) || it.handle().name().equals(plugin))
        .findFirst()
        .orElseThrow(
            () ->
                CommandFailure.usage(
                    "There is no plugin '%s'; there are %s. Name a drop-in by its file."
                        .formatted(
                            plugin,
                            all.stream()
                                .map(it -> it.handle().id())
                                .sorted()
                                .collect(Collectors.joining(", ")))));
  }

  private int explain(LocalPlugins.Found found, PluginManifest manifest, ClassLoader loader)
      throws Exception {
    StandardEnvironment environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("command line", Map.copyOf(properties)));
    try (PluginInspection inspection = PluginInspection.of(manifest, loader, environment)) {
      PluginExplanation explanation =
          PluginExplanation.of(found.handle().descriptor().source(), manifest, inspection);
      if (json) {
        terminal
            .out()
            .println(
                JsonMapper.shared()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(explanation.json()));
      } else {
        explanation.lines().forEach(terminal.out()::println);
      }
      return inspection.problem().isPresent() ? ExitCode.ERROR : ExitCode.OK;
    }
  }
}
