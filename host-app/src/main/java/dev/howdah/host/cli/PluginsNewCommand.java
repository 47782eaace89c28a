package dev.howdah.host.cli;

import dev.howdah.plugin.ApiVersion;
import dev.howdah.plugin.PluginMetadata;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.lang.model.SourceVersion;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code howdah plugins new}: writes a project that builds, tests and is served as it is. */
@Command(
    name = "new",
    description = "Begins a plugin: a Maven project with a plugin, its manifest and a test.",
    mixinStandardHelpOptions = true,
    versionProvider = Howdah.Version.class,
    sortOptions = false,
    exitCodeListHeading = ExitCode.HEADING,
    exitCodeList = {"0:the project is there", ExitCode.USAGE_TEXT})
final class PluginsNewCommand implements Callable<Integer> {

  private static final String TEMPLATES = "new/";
  private static final Pattern ID = Pattern.compile("[a-z]([-a-z0-9]{0,61}[a-z0-9])?");

  /** Templates by where they go; {@code @...@} is replaced in both. */
  private static final Map<String, String> FILES = files();

  private final Terminal terminal;

  @Parameters(
      paramLabel = "NAME",
      description =
          "The plugin's id, such as pod-labels, or its whole name, such as pod-labels.example.com.")
  private String name = "";

  @Option(
      names = "--package",
      paramLabel = "PACKAGE",
      description = "The Java package. Default: the name turned around")
  private @Nullable String packageName;

  @Option(
      names = "--directory",
      paramLabel = "DIR",
      description = "Where the project goes. Default: a new folder named as the id")
  private @Nullable Path directory;

  PluginsNewCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  private static Map<String, String> files() {
    Map<String, String> files = new LinkedHashMap<>();
    files.put("pom.xml", "pom.xml");
    files.put(".gitignore", "gitignore");
    files.put("README.md", "README.md");
    files.put("src/main/java/@path@/@class@Plugin.java", "Plugin.java.template");
    files.put("src/main/java/@path@/@class@Parameters.java", "Parameters.java.template");
    files.put("src/main/resources/META-INF/howdah/plugin.properties", "plugin.properties");
    files.put("src/test/java/@path@/@class@PluginTest.java", "PluginTest.java.template");
    return files;
  }

  @Override
  public Integer call() throws IOException {
    Map<String, String> values = values();
    String id = values.getOrDefault("@id@", "");
    Path target = directory == null ? Path.of(id) : directory;
    requireEmpty(target);
    for (Map.Entry<String, String> file : FILES.entrySet()) {
      Path path = target.resolve(fill(file.getKey(), values));
      Files.createDirectories(path.toAbsolutePath().getParent());
      Files.writeString(path, fill(template(file.getValue()), values));
    }
    List.of(
            "The plugin %s is in %s.".formatted(values.get("@name@"), target),
            "",
            "Once, in Howdah's folder, so that Maven finds what the project needs:",
            "  " + INSTALL,
            "Then build and test it, serve it, and call it as the operator would:",
            "  cd %s && mvn -q verify".formatted(target),
            "  howdah serve --plugin target/%s-1.0.0-SNAPSHOT.jar --watch".formatted(id),
            "  howdah handshake " + values.get("@name@"))
        .forEach(terminal.out()::println);
    return ExitCode.OK;
  }

  /** Installs what an author's project depends on. */
  static final String INSTALL = "mvn -q install -DskipTests -pl bom,plugin-api,plugin-testkit -am";

  private Map<String, String> values() throws IOException {
    String id = name.contains(".") ? name.substring(0, name.indexOf('.')) : name;
    if (!ID.matcher(id).matches()) {
      throw CommandFailure.usage(
          "'%s' can't be a plugin's id: it begins with a letter and has lower-case letters, digits"
                  .formatted(id)
              + " and '-', such as pod-labels.");
    }
    String pluginName = name.contains(".") ? name : id + ".example.com";
    PluginMetadata.nameProblem(pluginName)
        .ifPresent(
            problem -> {
              throw CommandFailure.usage(problem);
            });
    String javaPackage = packageName == null ? turned(pluginName) : packageName;
    if (!SourceVersion.isName(javaPackage)) {
      throw CommandFailure.usage(
          "'%s' can't be a Java package; name another with --package.".formatted(javaPackage));
    }
    Map<String, String> values = new LinkedHashMap<>();
    values.put("@id@", id);
    values.put("@name@", pluginName);
    values.put("@package@", javaPackage);
    values.put("@path@", javaPackage.replace('.', '/'));
    values.put("@group@", javaPackage);
    values.put("@class@", camel(id));
    values.put("@title@", title(id));
    values.put("@howdah@", howdahVersion());
    values.put("@install@", INSTALL);
    values.put("@api@", "[%s,%d.0)".formatted(ApiVersion.CURRENT, ApiVersion.CURRENT.major() + 1));
    return values;
  }

  private static void requireEmpty(Path target) throws IOException {
    if (!Files.exists(target)) {
      return;
    }
    if (!Files.isDirectory(target)) {
      throw CommandFailure.usage(
          "%s is a file; name a new folder with --directory.".formatted(target));
    }
    try (Stream<Path> content = Files.list(target)) {
      if (content.findAny().isPresent()) {
        throw CommandFailure.usage(
            "%s isn't empty; name a new folder with --directory.".formatted(target));
      }
    }
  }

  private static String fill(String text, Map<String, String> values) {
    String filled = text;
    for (Map.Entry<String, String> value : values.entrySet()) {
      filled = filled.replace(value.getKey(), value.getValue());
    }
    return filled;
  }

  private static String template(String file) throws IOException {
    try (InputStream in = resource(file)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The version of this build, which Maven has written into a file. */
  private static String howdahVersion() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = resource("version.properties")) {
      properties.load(in);
    }
    return properties.getProperty("howdah", "");
  }

  private static InputStream resource(String file) {
    InputStream in = PluginsNewCommand.class.getResourceAsStream(TEMPLATES + file);
    if (in == null) {
      throw new IllegalStateException("The template %s isn't there.".formatted(file));
    }
    return in;
  }

  /** Keywords and leading digits can't be parts of a package. */
  private static String turned(String pluginName) {
    return Arrays.stream(pluginName.split("\\."))
        .map(part -> part.replace("-", ""))
        .map(part -> SourceVersion.isName(part) ? part : "_" + part)
        .reduce((one, other) -> other + "." + one)
        .orElse(pluginName);
  }

  private static String camel(String id) {
    return words(id).map(PluginsNewCommand::upper).collect(Collectors.joining());
  }

  private static String title(String id) {
    return words(id).map(PluginsNewCommand::upper).collect(Collectors.joining(" "));
  }

  private static Stream<String> words(String id) {
    return Arrays.stream(id.split("-+"));
  }

  private static String upper(String word) {
    return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
  }
}
