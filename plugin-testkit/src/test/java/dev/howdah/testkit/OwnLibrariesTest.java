package dev.howdah.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A plugin that brings a Jackson of its own, another than the one beside the host. */
class OwnLibrariesTest {

  private static final Path OWN_JACKSON = Path.of("target", "own-jackson");

  private static final String SOURCE =
      """
      package com.example;

      import com.fasterxml.jackson.databind.ObjectMapper;
      import com.fasterxml.jackson.databind.cfg.PackageVersion;
      import dev.howdah.plugin.*;
      import io.fabric8.kubernetes.api.model.*;

      public final class JacksonPlugin implements Plugin {
        private final ObjectMapper mapper = new ObjectMapper();

        @Override public PluginMetadata metadata() {
          return PluginMetadata.of(JacksonPlugin.class).description("Brings its own Jackson.").build();
        }

        @Override public void register(Hooks hooks) {
          hooks.onCreate(Pod.class, (pod, context) -> {
            try {
              String name = mapper.readTree(mapper.writeValueAsString(pod)).at("/metadata/name").asText();
              return new PodBuilder(pod).editMetadata()
                  .addToAnnotations("example.com/serialised-by", PackageVersion.VERSION.toString())
                  .addToAnnotations("example.com/name", name)
                  .endMetadata().build();
            } catch (java.io.IOException e) {
              throw new PluginException(PluginException.Kind.INTERNAL, "That can't be serialised.", e);
            }
          });
        }
      }
      """;

  @RegisterExtension static HowdahPluginExtension plugin = compiled();

  private static HowdahPluginExtension compiled() {
    try {
      Path classes = Files.createTempDirectory("own");
      List<Path> jars = ownJars();
      Path source = Files.writeString(classes.resolve("JacksonPlugin.java"), SOURCE);
      String classPath =
          System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"))
              + jars.stream().map(jar -> ":" + jar).reduce("", String::concat);
      int code =
          ToolProvider.getSystemJavaCompiler()
              .run(
                  null,
                  null,
                  null,
                  "-proc:none",
                  "-Xlint:none",
                  "-cp",
                  classPath,
                  "-d",
                  classes.toString(),
                  source.toString());
      assertThat(code).isZero();
      PackagedPlugin.manifest(classes, "com.example.JacksonPlugin", "jackson");
      return HowdahPluginExtension.of(
          Stream.concat(Stream.of(classes), jars.stream()).toArray(Path[]::new));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static List<Path> ownJars() throws IOException {
    try (Stream<Path> files = Files.list(OWN_JACKSON)) {
      return files.map(Path::toAbsolutePath).sorted().toList();
    }
  }

  @BeforeAll
  static void theTestItselfHasAnotherJackson() throws ReflectiveOperationException {
    Object version =
        Class.forName("com.fasterxml.jackson.databind.cfg.PackageVersion")
            .getField("VERSION")
            .get(null);

    assertThat(version).isNotNull().doesNotHaveToString(System.getProperty("own.jackson.version"));
  }

  @Test
  void serialisesAPodWithItsOwnJackson() {
    String version = System.getProperty("own.jackson.version");
    plugin
        .onCluster()
        .creates("pod-instance")
        .hasAnnotation("example.com/serialised-by", version)
        .hasAnnotation("example.com/name", "orders-1");
  }
}
