package dev.howdah.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginClassPathTest {

  @TempDir Path project;

  private Path classes;

  @BeforeEach
  void aBuiltProject() throws IOException {
    classes = project.resolve("target").resolve("classes");
    PackagedPlugin.manifest(classes, "com.example.Plugin", "example");
  }

  @Test
  void aProjectWithoutLibrariesIsItsClasses() throws IOException {
    pom("<dependencies>" + dependency("provided") + dependency("test") + "</dependencies>");
    assertThat(PluginClassPath.ofProject(project).entries()).containsExactly(classes);
  }

  @Test
  void librariesAreWhatMavenWrote() throws IOException {
    pom("<dependencies>" + dependency("runtime") + "</dependencies>");
    Path library = Files.createFile(project.resolve("library.jar"));
    Path other = Files.createFile(project.resolve("other.jar"));
    Path file = project.resolve(PluginClassPath.FILE);
    Files.createDirectories(file.getParent());
    Files.writeString(file, library + File.pathSeparator + other);
    assertThat(PluginClassPath.ofProject(project).entries())
        .containsExactly(classes, library, other);
  }

  @Test
  void librariesThatAreNotKnownAreAskedFor() throws IOException {
    pom("<dependencies>" + dependency("compile") + "</dependencies>");
    assertThatThrownBy(() -> PluginClassPath.ofProject(project))
        .hasMessageContaining("<goal>build-classpath</goal>")
        .hasMessageContaining(PluginClassPath.FILE);
  }

  @Test
  void aParentMayBringLibraries() throws IOException {
    pom("<parent><groupId>a</groupId></parent>");
    assertThatThrownBy(() -> PluginClassPath.ofProject(project))
        .hasMessageContaining(PluginClassPath.FILE);
  }

  @Test
  void aMissingManifestIsNamed() throws IOException {
    Path empty = Files.createDirectory(project.resolve("empty"));
    assertThatThrownBy(() -> PluginClassPath.ofProject(empty))
        .hasMessageContaining("META-INF/howdah/plugin.properties");
  }

  private void pom(String content) throws IOException {
    Files.writeString(project.resolve("pom.xml"), "<project>" + content + "</project>");
  }

  private static String dependency(String scope) {
    return "<dependency><artifactId>x</artifactId><scope>" + scope + "</scope></dependency>";
  }
}
