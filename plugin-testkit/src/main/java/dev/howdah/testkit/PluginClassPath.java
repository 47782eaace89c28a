package dev.howdah.testkit;

import dev.howdah.plugin.PluginManifest;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.SAXException;

/**
 * What a Maven project will have in its plugin's JAR: its classes and its runtime dependencies.
 *
 * @param entries folders of classes, and JARs
 */
record PluginClassPath(List<Path> entries) {

  /** Where a Maven project leaves its runtime class path for the test kit. */
  static final String FILE = "target/howdah/runtime-class-path";

  private static final Set<String> NOT_IN_THE_JAR = Set.of("provided", "test", "system", "import");

  private static final String SNIPPET =
      """
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-dependency-plugin</artifactId>
        <executions>
          <execution>
            <phase>process-classes</phase>
            <goals>
              <goal>build-classpath</goal>
            </goals>
            <configuration>
              <includeScope>runtime</includeScope>
              <outputFile>${project.build.directory}/howdah/runtime-class-path</outputFile>
            </configuration>
          </execution>
        </executions>
      </plugin>
      """;

  PluginClassPath {
    entries = List.copyOf(entries);
    if (entries.isEmpty()) {
      throw new IllegalArgumentException(
          "There is nothing to load the plugin from: give a JAR or a folder of classes.");
    }
    for (Path entry : entries) {
      if (!Files.exists(entry)) {
        throw new IllegalStateException(
            "%s, which the plugin is to be loaded from, isn't there. Run the build first (mvn test-compile)."
                .formatted(entry));
      }
    }
  }

  /**
   * The class path of a Maven project.
   *
   * <p>The test's own class path won't do: it holds the test kit, the host and everything else of
   * scope test, which a dropped-in plugin doesn't see.
   *
   * @param project its folder, with {@code pom.xml} and {@code target/classes}
   */
  static PluginClassPath ofProject(Path project) {
    Path classes = project.resolve("target").resolve("classes");
    if (!Files.exists(classes.resolve(PluginManifest.LOCATION))) {
      throw new IllegalStateException(
          "There is no plugin manifest %s. Write src/main/resources/%s and run the build."
              .formatted(classes.resolve(PluginManifest.LOCATION), PluginManifest.LOCATION));
    }
    List<Path> entries = new ArrayList<>(List.of(classes));
    entries.addAll(dependencies(project));
    return new PluginClassPath(entries);
  }

  /** The entries as one class path. */
  String joined() {
    return entries.stream()
        .map(entry -> entry.toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  private static List<Path> dependencies(Path project) {
    Path file = project.resolve(FILE);
    try {
      if (Files.exists(file)) {
        return Arrays.stream(Files.readString(file).strip().split(File.pathSeparator))
            .filter(entry -> !entry.isBlank())
            .map(Path::of)
            .toList();
      }
      if (hasNoneFor(project.resolve("pom.xml"))) {
        return List.of();
      }
    } catch (IOException e) {
      throw new IllegalStateException("%s can't be read.".formatted(file), e);
    }
    throw new IllegalStateException(
        """
        The test kit can't know which libraries belong to the plugin, since %s isn't there. \
        Let Maven write it, by this in the project's pom.xml under build, plugins, \
        then run the tests by Maven once (mvn test):

        %s\
        """
            .formatted(file, SNIPPET));
  }

  /** Whether the POM says by itself that nothing goes into the JAR but the project's classes. */
  private static boolean hasNoneFor(Path pom) throws IOException {
    if (!Files.exists(pom)) {
      return false;
    }
    try {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      Element root = factory.newDocumentBuilder().parse(pom.toFile()).getDocumentElement();
      return children(root, "parent").isEmpty()
          && children(root, "dependencies").stream()
              .flatMap(list -> children(list, "dependency").stream())
              .allMatch(PluginClassPath::staysOutside);
    } catch (ParserConfigurationException | SAXException e) {
      throw new IOException(pom + " is not a POM", e);
    }
  }

  private static boolean staysOutside(Element dependency) {
    return children(dependency, "scope").stream()
        .anyMatch(scope -> NOT_IN_THE_JAR.contains(scope.getTextContent().strip()));
  }

  private static List<Element> children(Element parent, String name) {
    List<Element> found = new ArrayList<>();
    for (Node node = parent.getFirstChild(); node != null; node = node.getNextSibling()) {
      if (node instanceof Element element && element.getTagName().equals(name)) {
        found.add(element);
      }
    }
    return found;
  }
}
