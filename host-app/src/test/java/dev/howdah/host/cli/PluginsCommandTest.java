package dev.howdah.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.discovery.JarBuilder;
import dev.howdah.host.testing.TestPlugin;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class PluginsCommandTest {

  @TempDir private Path folder;

  @Test
  void listsWhatAHostWouldFindWhenNoneAnswers() throws Exception {
    JarBuilder.plugin("mine").write(folder.resolve("drop-in/mine.jar"));
    Files.writeString(folder.resolve("drop-in/broken.jar"), "no JAR");

    CommandRun run =
        CommandRun.of(
            "plugins", "list", "--home=" + folder, "--http-address=127.0.0.1:" + freePort());

    assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("since no host answers")
        .containsPattern("mine +mine.example.com +1.0.0 +VERIFIED +drop-in:")
        .containsPattern("hello-world +hello-world.howdah.dev +\\S+ +VERIFIED +class-path:")
        .containsPattern("broken +- +- +REJECTED")
        .contains("broken.jar is not a readable JAR");
  }

  @Test
  void listsWhatTheRunningHostSays() throws Exception {
    JarBuilder.plugin("mine").write(folder.resolve("drop-in/mine.jar"));
    Files.writeString(folder.resolve("drop-in/broken.jar"), "no JAR");
    try (EmbeddedHost host =
        EmbeddedHost.in(folder)
            .classPathPlugins()
            .plugin("other", TestPlugin.of("other.example.com", hooks -> {}))
            .start()) {
      String address = "--http-address=" + URI.create(host.httpBase()).getAuthority();

      CommandRun run = CommandRun.of("plugins", "list", address);

      assertThat(run.exitCode()).isEqualTo(ExitCode.OK);
      assertThat(run.out())
          .contains("From the host at " + host.httpBase())
          .containsPattern("mine +mine.example.com +1.0.0 +READY +drop-in:")
          .containsPattern("other +other.example.com +\\S+ +READY +embedded:")
          .containsPattern("broken +- +- +REJECTED")
          .contains("broken.jar is not a readable JAR");
      JsonNode json = CommandRun.of("plugins", "list", address, "--json").json();
      assertThat(json.path("from").asString()).isEqualTo("the host at " + host.httpBase());
      assertThat(json.path("plugins").size()).isEqualTo(3);
    }
  }

  @Test
  void looksIntoAFolderAloneWithoutAnyHost() throws Exception {
    JarBuilder.plugin("mine").write(folder.resolve("mine.jar"));
    JarBuilder.plugin("mine").write(folder.resolve("other.jar"));

    JsonNode plugins =
        CommandRun.of("plugins", "list", "--directory=" + folder, "--json").json().path("plugins");

    assertThat(plugins.size()).isEqualTo(2);
    assertThat(plugins.path(0).path("state").asString()).isEqualTo("VERIFIED");
    assertThat(plugins.path(1).path("state").asString()).isEqualTo("REJECTED");
    assertThat(plugins.path(1).path("problem").asString())
        .contains("The id 'mine' is already taken by drop-in:")
        .contains("mine.jar");
  }

  @Test
  void refusesToListAFolderThatIsNotThere() {
    CommandRun run = CommandRun.of("plugins", "list", "--directory=" + folder.resolve("no"));

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("There is no folder");
  }

  @Test
  void verifiesAGoodJarWithoutRunningIt() throws Exception {
    Path jar =
        JarBuilder.jar()
            .manifest("good")
            .pluginSource("good", "static { System.setProperty(\"test.verified\", \"ran\"); }", "1")
            .write(folder.resolve("good.jar"));

    CommandRun run = CommandRun.of("plugins", "verify", jar.toString());

    assertThat(run.exitCode()).as(run.out()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("good.jar: can be dropped in")
        .contains("good.example.com 1.0.0, id good")
        .containsPattern("SHA-256 of good.jar: [0-9a-f]{64}");
    assertThat(System.getProperty("test.verified")).isNull();
  }

  @Test
  void verifyFailsWithEverythingThatIsWrong() throws Exception {
    Path several =
        JarBuilder.jar()
            .manifest("several")
            .source("org.slf4j.Mine", "package org.slf4j; public class Mine {}")
            .write(folder.resolve("several.jar"));
    Path stranger =
        JarBuilder.jar()
            .manifest("stranger")
            .source("com.example.stranger.It", "package com.example.stranger; public class It {}")
            .write(folder.resolve("stranger.jar"));

    CommandRun run = CommandRun.of("plugins", "verify", several.toString(), stranger.toString());

    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.out())
        .contains("several.jar: would be refused")
        .contains("carries classes of org.slf4j.*")
        .contains("several.jar has no class com.example.several.It")
        .contains("com.example.stranger.It doesn't implement dev.howdah.plugin.Plugin.");
  }

  @Test
  void verifyComparesTheHashThatIsGiven() throws Exception {
    Path jar = JarBuilder.plugin("pinned").write(folder.resolve("pinned.jar"));

    CommandRun run =
        CommandRun.of(
            "plugins", "verify", jar.toString(), "--sha256", "pinned.jar=" + "0".repeat(64));

    assertThat(run.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(run.out()).contains("not the pinned 0000");
  }

  @Test
  void explainsAPluginWithoutStartingIt() throws Exception {
    Path jar = explained();

    CommandRun run = CommandRun.of("plugins", "explain", jar.toString());

    assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out())
        .contains("told.example.com")
        .contains("Tells what it does.")
        .contains("lifecycle of Pod: create, evaluate")
        .contains("observes Cluster: patch")
        .containsPattern("(?s)Declares in mode operator.*services: .*LIFECYCLE_SERVICE")
        .containsPattern("(?s)Declares in mode instance.*services: .*METRICS")
        .containsPattern("size +.*default 3 .*Pods at a time\\.")
        .containsPattern("howdah.plugins.told.base-url +URI +NotNull")
        .contains("howdah.plugins.told.retry.limit");
    assertThat(System.getProperty("test.explained")).isNull();
  }

  @Test
  void explainsWhatItCanOfAPluginThatCannotBeMade() throws Exception {
    Path jar =
        JarBuilder.jar()
            .manifest("choosy")
            .pluginSource(
                "choosy",
                "record Wishes(@jakarta.validation.constraints.NotNull String wish) {}"
                    + " public It(PluginConfiguration its) { its.bind(Wishes.class); }",
                "1")
            .write(folder.resolve("choosy.jar"));

    CommandRun without = CommandRun.of("plugins", "explain", jar.toString());
    assertThat(without.exitCode()).isEqualTo(ExitCode.ERROR);
    assertThat(without.out()).contains("It can't be made").contains("howdah.plugins.choosy.wish");

    CommandRun with =
        CommandRun.of("plugins", "explain", jar.toString(), "-Dhowdah.plugins.choosy.wish=peace");
    assertThat(with.exitCode()).as(with.out()).isEqualTo(ExitCode.OK);
  }

  @Test
  void explainsABundledPluginByItsId() {
    JsonNode explanation =
        CommandRun.of("plugins", "explain", "hello-world", "--home=" + folder, "--json").json();

    assertThat(explanation.path("facts").path("name").asString())
        .isEqualTo("hello-world.howdah.dev");
    assertThat(explanation.path("parameters").path(0).path("name").asString()).isEqualTo("labels");
  }

  @Test
  void namesThePluginsThatThereAreWhenAskedForAnother() {
    CommandRun run = CommandRun.of("plugins", "explain", "nobody", "--home=" + folder);

    assertThat(run.exitCode()).isEqualTo(ExitCode.USAGE);
    assertThat(run.err()).contains("no plugin 'nobody'").contains("hello-world");
  }

  @Test
  void beginsAProjectThatCompilesAndCanBeDroppedIn() throws Exception {
    Path project = folder.resolve("project");

    CommandRun run = CommandRun.of("plugins", "new", "pod-labels", "--directory=" + project);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(ExitCode.OK);
    assertThat(run.out()).contains("mvn -q install -DskipTests -pl bom,plugin-api");
    assertThat(project.resolve("pom.xml"))
        .content()
        .contains("<artifactId>pod-labels</artifactId>")
        .containsPattern("<howdah.version>\\d[^<$]*</howdah.version>")
        .doesNotContain("@");
    Path sources = project.resolve("src/main/java/com/example/podlabels");
    JarBuilder built =
        JarBuilder.jar()
            .entry(
                "META-INF/howdah/plugin.properties",
                Files.readString(
                        project.resolve("src/main/resources/META-INF/howdah/plugin.properties"))
                    .replace("${project.version}", "1.0.0"));
    for (String type : List.of("PodLabelsPlugin", "PodLabelsParameters")) {
      built.source("com.example.podlabels." + type, read(sources.resolve(type + ".java")));
    }
    Path jar = built.write(folder.resolve("pod-labels.jar"));
    assertThat(CommandRun.of("plugins", "verify", jar.toString()).exitCode()).isZero();
    assertThat(CommandRun.of("plugins", "explain", jar.toString()).out())
        .contains("pod-labels.example.com")
        .contains("default hello");
  }

  @Test
  void takesNamesAndPackagesAsTheyAreGiven() throws Exception {
    Path project = folder.resolve("project");

    CommandRun.of("plugins", "new", "a.example.org", "--package=org.b", "--directory=" + project);

    assertThat(read(project.resolve("src/main/java/org/b/APlugin.java"))).contains("package org.b");
    assertThat(read(project.resolve("src/main/resources/META-INF/howdah/plugin.properties")))
        .contains("id=a\n", "name=a.example.org\n", "class=org.b.APlugin\n");
  }

  @Test
  void refusesNamesThatCannotBeAndFoldersThatAreInUse() throws Exception {
    Files.createFile(folder.resolve("something"));
    Map<List<String>, String> refusals =
        Map.of(
            List.of("Pod_Labels"), "can't be a plugin's id",
            List.of("a", "--package=1.2"), "can't be a Java package",
            List.of("a.b_c.d"), "is not a lower-case DNS name",
            List.of("a", "--directory=" + folder), "isn't empty");
    for (Map.Entry<List<String>, String> refusal : refusals.entrySet()) {
      List<String> arguments = new ArrayList<>(List.of("plugins", "new"));
      arguments.addAll(refusal.getKey());
      CommandRun run = CommandRun.of(arguments.toArray(String[]::new));
      assertThat(run.exitCode()).as("%s", refusal).isEqualTo(ExitCode.USAGE);
      assertThat(run.err()).contains(refusal.getValue());
    }
  }

  private Path explained() throws IOException {
    return JarBuilder.jar()
        .manifest("told")
        .source(
            JarBuilder.className("told"),
            """
            package com.example.told;

            import dev.howdah.plugin.*;
            import dev.howdah.plugin.lifecycle.*;
            import io.fabric8.kubernetes.api.model.Pod;
            import jakarta.validation.constraints.*;
            import java.util.*;

            public class It implements Plugin {
              record Wishes(
                  @Parameter(description = "Pods at a time.", defaultValue = "3") @Min(1) int size) {}
              record Retry(int limit) {}
              record Settings(@NotNull java.net.URI baseUrl, Retry retry) {}

              public It(PluginConfiguration configuration) {
                try {
                  configuration.bind(Settings.class);
                } catch (IllegalArgumentException required) {}
              }
              @Override public PluginMetadata metadata() {
                return PluginMetadata.of(It.class).description("Tells what it does.").build();
              }
              @Override public void register(Hooks hooks) {
                hooks.parameters(Wishes.class);
                hooks.onCreate(Pod.class, (pod, context) -> pod);
                hooks.observe(
                    ObjectType.generic("postgresql.cnpg.io", "Cluster"),
                    EnumSet.of(LifecycleOperation.PATCH),
                    (object, context) -> {});
                hooks.metrics(context -> List.of(), context -> List.of());
              }
              @Override public void start() {
                System.setProperty("test.explained", "started");
              }
            }
            """)
        .write(folder.resolve("told.jar"));
  }

  private static String read(Path file) throws IOException {
    return Files.readString(file);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
