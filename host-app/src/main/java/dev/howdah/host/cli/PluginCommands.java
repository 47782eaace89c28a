package dev.howdah.host.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * The commands that bundled plugins bring along. A plugin's JAR names them in {@value #LOCATION},
 * one a line: {@code group.command=class}, a picocli command with a public constructor without
 * arguments. So the launcher knows no plugin by class.
 */
final class PluginCommands {

  /** Where a JAR names its commands. */
  static final String LOCATION = "META-INF/howdah/commands.properties";

  private PluginCommands() {}

  /**
   * Finds them.
   *
   * @return the groups by name, each with its commands
   * @throws IllegalStateException if a JAR names something that isn't a command
   */
  static Map<String, CommandLine> on(ClassLoader classLoader) {
    Map<String, CommandLine> groups = new TreeMap<>();
    names(classLoader)
        .forEach(
            (name, className) -> {
              int dot = name.indexOf('.');
              if (dot < 1) {
                throw new IllegalStateException(
                    "%s has '%s', which is not of the form group.command."
                        .formatted(LOCATION, name));
              }
              groups
                  .computeIfAbsent(name.substring(0, dot), PluginCommands::group)
                  .addSubcommand(name.substring(dot + 1), command(className, classLoader));
            });
    return groups;
  }

  private static CommandLine group(String name) {
    CommandLine group = new CommandLine(new Group());
    group.getCommandSpec().usageMessage().description("Commands of the plugin " + name + ".");
    return group;
  }

  private static Object command(String className, ClassLoader classLoader) {
    try {
      return Class.forName(className, true, classLoader).getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(
          "%s names %s, which can't be made.".formatted(LOCATION, className), e);
    }
  }

  private static Map<String, String> names(ClassLoader classLoader) {
    Map<String, String> names = new TreeMap<>();
    try {
      for (URL url : Collections.list(classLoader.getResources(LOCATION))) {
        Properties properties = new Properties();
        try (InputStream in = url.openStream()) {
          properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        }
        properties.stringPropertyNames().forEach(n -> names.put(n, properties.getProperty(n)));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("The plugins' commands can't be read.", e);
    }
    return names;
  }

  /** A name with commands below it, which does nothing by itself. */
  @Command(mixinStandardHelpOptions = true)
  private static final class Group implements Runnable {

    @Spec private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli sets the field before it runs anything
    private Group() {}

    @Override
    public void run() {
      throw new ParameterException(spec.commandLine(), "Say which command.");
    }
  }
}
