package dev.howdah.host.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginClassLoaderTest {

  private static final ClassLoader HOST = PluginClassLoaderTest.class.getClassLoader();

  @TempDir private Path folder;

  @Test
  void takesThePluginApiFromTheHost() throws Exception {
    try (PluginClassLoader loader = loader(JarBuilder.plugin("mine"), false)) {
      Class<?> type = loader.loadClass(JarBuilder.className("mine"));

      assertThat(Plugin.class).isAssignableFrom(type);
      assertThat(type.getClassLoader()).isSameAs(loader);
      assertThat(loader.loadClass("tools.jackson.databind.ObjectMapper").getClassLoader())
          .isSameAs(HOST);
      assertThat(loader.loadClass("io.fabric8.kubernetes.api.model.Pod").getClassLoader())
          .isSameAs(HOST);
    }
  }

  @Test
  void hidesTheHostsOtherClasses() throws Exception {
    try (PluginClassLoader loader = loader(JarBuilder.plugin("mine"), false)) {
      for (String hidden :
          List.of(
              "com.google.protobuf.Message",
              "io.grpc.Server",
              "org.springframework.context.ApplicationContext",
              "dev.howdah.host.HowdahApplication",
              "dev.howdah.proto.identity.IdentityGrpc")) {
        assertThat(Class.forName(hidden, false, HOST)).isNotNull();
        assertThatThrownBy(() -> loader.loadClass(hidden))
            .isInstanceOf(ClassNotFoundException.class);
      }
    }
  }

  @Test
  void sharesSpringWithThoseThatAsk() throws Exception {
    try (PluginClassLoader loader = loader(JarBuilder.plugin("mine"), true)) {
      assertThat(
              loader.loadClass("org.springframework.context.ApplicationContext").getClassLoader())
          .isSameAs(HOST);
    }
  }

  @Test
  void findsThePluginsOwnResourcesAndNoneOfTheHosts() throws Exception {
    JarBuilder jar =
        JarBuilder.plugin("mine").entry("META-INF/services/com.example.Service", "com.example.A\n");
    try (PluginClassLoader loader = loader(jar, false)) {
      assertThat(Collections.list(loader.getResources(PluginManifest.LOCATION)))
          .singleElement()
          .satisfies(url -> assertThat(text(url)).contains("id=mine"));
      assertThat(loader.getResource("META-INF/services/com.example.Service")).isNotNull();
      assertThat(loader.getResource("META-INF/spring.factories")).isNull();
      assertThat(HOST.getResource("META-INF/spring.factories")).isNotNull();
      assertThat(loader.getResource("dev/howdah/plugin/Plugin.class")).isNotNull();
      assertThat(loader.getResource("com/google/protobuf/Message.class")).isNull();
    }
  }

  @Test
  void findsResourcesInAFolderOfClassesToo() throws Exception {
    Path classes = JarBuilder.plugin("mine").writeFolder(folder.resolve("classes"));
    try (PluginClassLoader loader = loader(classes, false)) {
      assertThat(text(loader.getResource(PluginManifest.LOCATION))).contains("id=mine");
      assertThat(loader.loadClass(JarBuilder.className("mine")).getClassLoader()).isSameAs(loader);
    }
  }

  @Test
  void leavesNoFileOpenOnceItIsClosed() throws Exception {
    Path descriptors = Path.of("/proc/self/fd");
    assumeThat(descriptors).as("Only Linux lists a process's open files there.").isDirectory();
    Path jar = JarBuilder.plugin("mine").write(folder.resolve("open.jar"));
    PluginClassLoader loader = loader(jar, false);
    loader.loadClass(JarBuilder.className("mine"));
    URL url = loader.getResource(PluginManifest.LOCATION);
    assertThat(text(url)).contains("id=mine");
    InputStream left = loader.getResourceAsStream(PluginManifest.LOCATION);
    assertThat(openFiles(descriptors)).contains(jar.toString());

    loader.close();

    assertThat(openFiles(descriptors)).doesNotContain(jar.toString());
    assertThat(left).isNotNull();
  }

  @Test
  void readsWhatIsOnTheDiskAndNotWhatWasThereBefore() throws Exception {
    Path file = folder.resolve("changing.jar");
    JarBuilder.jar().manifest("before").write(file);
    try (PluginClassLoader loader = loader(file, false)) {
      assertThat(text(loader.getResource(PluginManifest.LOCATION))).contains("id=before");
    }
    JarBuilder.jar().entry("longer", "x".repeat(10_000)).manifest("after").write(file);

    try (PluginClassLoader loader = loader(file, false)) {
      assertThat(text(loader.getResource(PluginManifest.LOCATION))).contains("id=after");
    }
  }

  private PluginClassLoader loader(JarBuilder jar, boolean spring) throws IOException {
    return loader(jar.write(folder.resolve("plugin.jar")), spring);
  }

  private static PluginClassLoader loader(Path jar, boolean spring) throws IOException {
    String manifest =
        "class=a.B\nid=mine\nname=mine.example.com\nversion=1\napi=1.0\nspring=" + spring;
    return DropInDoor.classLoader(
        DropInSource.of(jar),
        PluginManifest.read(new ByteArrayInputStream(manifest.getBytes(StandardCharsets.UTF_8))),
        HOST);
  }

  private static String text(URL url) throws IOException {
    try (InputStream in = url.openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static List<String> openFiles(Path descriptors) throws IOException {
    try (Stream<Path> open = Files.list(descriptors)) {
      return open.map(PluginClassLoaderTest::target).toList();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException gone) {
      return "";
    }
  }
}
