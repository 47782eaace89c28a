package dev.howdah.host.cli;

import dev.howdah.host.catalog.Problem;
import dev.howdah.host.config.HowdahProperties.Verification;
import dev.howdah.host.config.HowdahProperties.VerificationMode;
import dev.howdah.host.discovery.DropInCheck;
import dev.howdah.host.discovery.DropInDoor;
import dev.howdah.host.discovery.DropInSource;
import dev.howdah.host.discovery.PluginClassLoader;
import dev.howdah.host.discovery.PluginContexts;
import dev.howdah.host.discovery.UnusablePlugin;
import dev.howdah.plugin.ApiVersion;
import dev.howdah.plugin.PluginManifest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code howdah plugins verify}: every check of a drop-in that is possible without running it. */
@Command(
    name = "verify",
    description = "Checks a plugin's JAR, or folder of JARs, as a host would before it starts it.",
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    sortOptions = false,
    exitCodeListHeading = ExitCode.HEADING,
    exitCodeList = {
      "0:each can be dropped in",
      "1:at least one would be refused",
      ExitCode.USAGE_TEXT
    },
    footer = {
      "",
      "The plugin's class is loaded but not initialised, so none of its code runs. What its",
      "constructor needs shows only in `howdah plugins explain`."
    })
final class PluginsVerifyCommand implements Callable<Integer> {

  private final Terminal terminal;

  @Parameters(
      paramLabel = "FILE.jar",
      arity = "1..*",
      description = "JARs, folders of JARs, or folders of classes.")
  private List<String> files = List.of();

  @Option(
      names = "--sha256",
      paramLabel = "NAME=HASH",
      description = "The SHA-256 that the JAR of this file name must have. May be repeated.")
  private Map<String, String> hashes = new LinkedHashMap<>();

  PluginsVerifyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Verification verification =
        hashes.isEmpty()
            ? Verification.NONE
            : new Verification(VerificationMode.ENFORCE, Map.copyOf(hashes));
    DropInCheck check = DropInCheck.thorough(verification);
    boolean fit = true;
    for (String file : files) {
      fit &= verify(check.check(DropInSource.parse(file)));
    }
    return fit ? ExitCode.OK : ExitCode.ERROR;
  }

  private boolean verify(DropInCheck.Result result) {
    List<Problem> problems = new ArrayList<>(result.problems());
    if (problems.isEmpty()) {
      result.manifest().ifPresent(manifest -> load(result.source(), manifest, problems));
    }
    String location = result.source().location();
    terminal
        .out()
        .println(location + (problems.isEmpty() ? ": can be dropped in" : ": would be refused"));
    result
        .manifest()
        .ifPresent(
            manifest -> {
              say("%s %s, id %s".formatted(manifest.name(), manifest.version(), manifest.id()));
              say(
                  "made for plugin API %s; this host has %s"
                      .formatted(manifest.api(), ApiVersion.CURRENT));
            });
    result.sha256().forEach((name, hash) -> say("SHA-256 of %s: %s".formatted(name, hash)));
    for (Problem problem : problems) {
      say("- " + problem);
    }
    return problems.isEmpty();
  }

  private void say(String line) {
    terminal.out().println("  " + line);
  }

  private static void load(DropInSource source, PluginManifest manifest, List<Problem> problems) {
    try (PluginClassLoader loader =
        DropInDoor.classLoader(source, manifest, LocalPlugins.hostLoader())) {
      PluginContexts.load(manifest, loader);
    } catch (UnusablePlugin e) {
      problems.add(e.problem());
    } catch (IOException e) {
      throw CommandFailure.error("%s can't be closed: %s".formatted(source, e.getMessage()));
    }
  }
}
