package dev.howdah.host.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/** Drop-ins in a real host, called over real sockets. */
@ExtendWith(OutputCaptureExtension.class)
class DropInServingTest {

  private static final String VERSION =
      "java.util.Map.of(\"library\", com.example.library.Library.version())";

  @TempDir private Path home;

  @Test
  void servesPluginsWithDifferentVersionsOfOneLibraryAndWithOneThatTheHostHasToo(
      CapturedOutput output) throws Exception {
    JarBuilder.jar()
        .manifest("one")
        .pluginSource("one", "", VERSION)
        .shade(library("1.0"))
        .write(dropIn("one.jar"));
    // The other way to bring a library: beside the plugin, in a folder.
    Path second = library("2.0");
    JarBuilder.jar()
        .manifest("two")
        .pluginSource("two", "", VERSION)
        .against(second)
        .write(dropIn("two/plugin.jar"));
    Files.copy(second, dropIn("two/library.jar"));
    Path guava = guavaOfItsOwn();
    JarBuilder.jar()
        .manifest("three")
        .pluginSource(
            "three",
            "",
            "java.util.Map.of(\"library\", com.google.common.base.Strings.ownVersion())")
        .shade(guava)
        .write(dropIn("three.jar"));

    try (DropInHost host = DropInHost.start(home)) {
      assertThat(host.status("one").path("library").asString()).isEqualTo("1.0");
      assertThat(host.status("two").path("library").asString()).isEqualTo("2.0");
      assertThat(host.status("three").path("library").asString()).isEqualTo("none of the host's");
    }
    assertThat(com.google.common.base.Strings.nullToEmpty(null)).isEmpty();
    // What stops in good order isn't called a leak.
    assertThat(output).doesNotContain("left something behind");
  }

  @Test
  void setsTheContextClassLoaderWheneverThePluginsCodeRuns() throws Exception {
    JarBuilder.jar()
        .manifest("context")
        .source(
            JarBuilder.className("context"),
            """
            package com.example.context;

            import dev.howdah.plugin.*;
            import java.util.*;

            public class It implements Plugin {
              private final Map<String, Boolean> seen =
                  Collections.synchronizedMap(new TreeMap<>());
              public It(PluginConfiguration configuration, java.time.Clock clock) {
                note("constructor");
              }
              private void note(String where) {
                Thread thread = Thread.currentThread();
                seen.merge(
                    where,
                    thread.getContextClassLoader() == It.class.getClassLoader(),
                    Boolean::logicalAnd);
                thread.setContextClassLoader(null);
              }
              @Override public PluginMetadata metadata() {
                note("metadata");
                restore();
                return PluginMetadata.of(It.class).description("A test.").build();
              }
              private void restore() {
                Thread.currentThread().setContextClassLoader(It.class.getClassLoader());
              }
              @Override public void register(Hooks hooks) {
                note("register");
                restore();
                hooks.status(context -> { note("hook"); return Optional.of(seen); });
              }
              @Override public void start() { note("start"); }
              @Override public void stop() {
                note("stop");
                System.setProperty("test.context", String.valueOf(seen.get("stop")));
              }
            }
            """)
        .write(dropIn("context.jar"));

    System.clearProperty("test.context");
    try (DropInHost host = DropInHost.start(home, "howdah.plugins.context.limits.threads=1")) {
      host.status("context");
      // On the same thread, whose loader the first call spoilt.
      JsonNode seen = host.status("context");
      for (String where : new String[] {"constructor", "metadata", "register", "start", "hook"}) {
        assertThat(seen.path(where).asBoolean()).as(where).isTrue();
      }
    }
    assertThat(System.getProperty("test.context")).isEqualTo("true");
  }

  @Test
  void servesSingleDropInsFromWhereverTheyAre() throws Exception {
    Path jar = JarBuilder.plugin("single").write(home.resolve("target/single.jar"));
    Path classes = JarBuilder.plugin("classes").writeFolder(home.resolve("target/classes"));
    Path library = library("3.0");
    Path joined =
        JarBuilder.jar()
            .manifest("joined")
            .pluginSource("joined", "", VERSION)
            .against(library)
            .writeFolder(home.resolve("other/classes"));

    try (DropInHost host =
        DropInHost.start(
            home,
            "howdah.discovery.plugins[0]=" + jar,
            "howdah.discovery.plugins[1]=" + classes,
            "howdah.discovery.plugins[2]=" + joined + ":" + library,
            "howdah.discovery.plugins[3]=" + home.resolve("nothing.jar"))) {
      assertThat(host.status("single").path("id").asString()).isEqualTo("single");
      assertThat(host.status("classes").path("id").asString()).isEqualTo("classes");
      assertThat(host.status("joined").path("library").asString()).isEqualTo("3.0");
      assertThat(host.problem("nothing")).contains("There is no file nothing.jar.");
    }
  }

  @Test
  void refusesWhatIsNotPinnedWhereThatIsEnforced() throws Exception {
    Path pinned = JarBuilder.plugin("pinned").write(dropIn("pinned.jar"));
    JarBuilder.plugin("unpinned").write(dropIn("unpinned.jar"));
    JarBuilder.plugin("changed").write(dropIn("changed.jar"));

    try (DropInHost host =
        DropInHost.start(
            home,
            "howdah.discovery.verification.mode=enforce",
            "howdah.discovery.verification.sha256.[pinned.jar]=" + sha256(pinned).toUpperCase(),
            "howdah.discovery.verification.sha256.[changed.jar]=" + "0".repeat(64))) {
      assertThat(host.status("pinned").path("id").asString()).isEqualTo("pinned");
      assertThat(host.plugin("unpinned").state()).isEqualTo(PluginState.REJECTED);
      assertThat(host.problem("unpinned"))
          .contains("The SHA-256 of unpinned.jar isn't pinned.")
          .contains("sha256.[unpinned.jar]=" + sha256(home.resolve("drop-in/unpinned.jar")));
      assertThat(host.problem("changed"))
          .contains("The SHA-256 of changed.jar is ")
          .contains("not the pinned 0000");
    }
  }

  @Test
  void onlyWarnsOfWhatIsNotPinnedWhereThatIsAsked(CapturedOutput output) throws Exception {
    JarBuilder.plugin("unpinned").write(dropIn("unpinned.jar"));

    try (DropInHost host = DropInHost.start(home, "howdah.discovery.verification.mode=warn")) {
      assertThat(host.status("unpinned").path("id").asString()).isEqualTo("unpinned");
    }
    assertThat(output).contains("Not verified, and used all the same: The SHA-256 of unpinned.jar");
  }

  @Test
  void startsWithoutADropInFolderAndOverlooksWhatIsHidden() throws Exception {
    try (DropInHost host = DropInHost.start(home.resolve("empty"))) {
      assertThat(host.plugins()).isEmpty();
    }
    JarBuilder.plugin("seen").write(dropIn("seen.jar"));
    Files.writeString(dropIn(".hidden.jar"), "not a JAR");
    Files.writeString(dropIn("README.md"), "about this folder");
    Files.createDirectories(dropIn("..data"));
    try (DropInHost host = DropInHost.start(home)) {
      assertThat(host.plugins()).extracting(PluginHandle::id).containsExactly("seen");
    }
  }

  private Path dropIn(String file) throws IOException {
    Path path = home.resolve("drop-in").resolve(file);
    Files.createDirectories(path.getParent());
    return path;
  }

  private Path library(String version) throws IOException {
    return JarBuilder.jar()
        .source(
            "com.example.library.Library",
            """
            package com.example.library;
            public class Library {
              public static String version() { return "%s"; }
            }
            """
                .formatted(version))
        .write(home.resolve("libraries/library-" + version + ".jar"));
  }

  private Path guavaOfItsOwn() throws IOException {
    return JarBuilder.jar()
        .source(
            "com.google.common.base.Strings",
            """
            package com.google.common.base;
            public class Strings {
              public static String ownVersion() { return "none of the host's"; }
            }
            """)
        .write(home.resolve("libraries/guava.jar"));
  }

  private static String sha256(Path file) throws Exception {
    return java.util.HexFormat.of()
        .formatHex(
            java.security.MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
  }
}
