package dev.howdah.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The {@code howdah} script in a folder of its own, with a PATH that has the tools it needs and
 * nothing more, and JDKs and a Maven that only tell how they were called.
 */
class LauncherScriptTest {

  @TempDir private Path folder;
  private Path root = Path.of("");
  private Path tools = Path.of("");
  private Path jdks = Path.of("");

  @BeforeEach
  void layOut() throws IOException {
    folder = folder.toRealPath();
    root = Files.createDirectories(folder.resolve("a clone"));
    tools = Files.createDirectories(folder.resolve("tools"));
    jdks = Files.createDirectories(folder.resolve("jdks"));
    Files.copy(projectFile("howdah"), root.resolve("howdah"));
    for (String tool :
        List.of(
            "dirname", "find", "flock", "grep", "head", "mkdir", "mv", "readlink", "sed", "sh")) {
      Path found =
          Stream.of("/usr/bin", "/bin")
              .map(bin -> Path.of(bin, tool))
              .filter(Files::exists)
              .findFirst()
              .orElse(null);
      if (found != null) {
        Files.createSymbolicLink(tools.resolve(tool), found);
      }
    }
  }

  @Test
  void startsTheJarOnTheJdkThatWasNamed() throws Exception {
    installed();
    Path jdk = jdk(folder.resolve("named"), "25.0.1");

    Outcome outcome = run(Map.of("HOWDAH_JAVA_HOME", jdk.toString()), "call", "a b", "c");

    assertThat(outcome.exitCode()).isEqualTo(7);
    assertThat(outcome.lines())
        .startsWith("java of " + jdk)
        .endsWith("-jar", root.resolve("howdah-host-app.jar").toString(), "call", "a b", "c");
  }

  @Test
  void isReplacedByTheJvmSoThatSignalsReachIt() throws Exception {
    installed();
    Path jdk = jdk(folder.resolve("named"), "25");

    Outcome outcome = run(Map.of("HOWDAH_JAVA_HOME", jdk.toString()), "serve");

    assertThat(outcome.lines()).contains("pid " + outcome.pid());
  }

  @Test
  void refusesANamedJdkThatIsTooOldRatherThanTakeAnother() throws Exception {
    installed();
    jdk(jdks.resolve("good"), "25");
    Path old = jdk(folder.resolve("old"), "21.0.2");

    Outcome outcome = run(Map.of("HOWDAH_JAVA_HOME", old.toString()), "serve");

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("HOWDAH_JAVA_HOME is " + old).contains("25 or newer");
  }

  @Test
  void looksInTheUsualFoldersWhenJavaHomeAndPathAreTooOld() throws Exception {
    installed();
    Path old = jdk(folder.resolve("old"), "17.0.15");
    Files.createSymbolicLink(tools.resolve("java"), old.resolve("bin/java"));
    jdk(jdks.resolve("jdk-1.8"), "1.8.0_402");
    Path good = jdk(jdks.resolve("jdk-26"), "26-ea");

    Outcome outcome = run(Map.of("JAVA_HOME", old.toString()), "serve");

    assertThat(outcome.lines()).startsWith("java of " + good);
  }

  @Test
  void takesTheJavaOnThePathBehindItsLinks() throws Exception {
    installed();
    Path jdk = jdk(folder.resolve("real"), "25.0.3");
    Path alternatives = Files.createDirectories(folder.resolve("alternatives"));
    Files.createSymbolicLink(alternatives.resolve("java"), jdk.resolve("bin/java"));
    Files.createSymbolicLink(tools.resolve("java"), Path.of("../alternatives/java"));

    assertThat(run(Map.of(), "serve").lines()).startsWith("java of " + jdk);
  }

  @Test
  void saysWhereItLookedWhenThereIsNoJdk() throws Exception {
    installed();
    jdk(jdks.resolve("jdk-24"), "24.0.2");

    Outcome outcome = run(Map.of(), "serve");

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err())
        .contains("no JDK 25 or newer found")
        .contains(jdks.toString())
        .contains("set HOWDAH_JAVA_HOME");
  }

  @Test
  void worksThroughSymbolicLinksFromAnyFolder() throws Exception {
    installed();
    jdk(jdks.resolve("jdk"), "25");
    Path bin = Files.createDirectories(folder.resolve("bin"));
    Files.createSymbolicLink(bin.resolve("second"), Path.of("../a clone/howdah"));
    Files.createSymbolicLink(bin.resolve("first"), Path.of("second"));

    Outcome outcome = run(bin.resolve("first"), Map.of(), "help");

    assertThat(outcome.lines()).contains(root.resolve("howdah-host-app.jar").toString());
  }

  @Test
  void handsJvmOptionsOnAndEndsTheHostWhenItsMemoryIsGone() throws Exception {
    installed();
    jdk(jdks.resolve("jdk"), "25");

    Outcome outcome = run(Map.of("HOWDAH_JAVA_OPTS", "-Xmx64m -Da=b"), "serve");

    assertThat(outcome.lines()).contains("-Xmx64m", "-Da=b", "-XX:+ExitOnOutOfMemoryError");
  }

  @Test
  void hasTheOptimisingCompilerOnlyBesideADatabaseAndForWhatIsNamed() throws Exception {
    root = Files.createDirectories(folder.resolve("clone"));
    Files.copy(projectFile("howdah"), root.resolve("howdah"));
    Path named =
        Files.copy(projectFile("howdah-compiler.json"), root.resolve("howdah-compiler.json"));
    installed();
    jdk(jdks.resolve("jdk"), "25");

    assertThat(run(Map.of(), "serve", "--mode=instance").lines())
        .contains("-XX:CompilerDirectivesFile=" + named)
        .doesNotContain("-XX:TieredStopAtLevel=1");
    assertThat(run(Map.of(), "serve", "--mode=operator").lines())
        .contains("-XX:TieredStopAtLevel=1");

    Files.delete(named);
    assertThat(run(Map.of(), "serve", "--mode=instance").lines())
        .contains("-XX:TieredStopAtLevel=1");
  }

  @Test
  void letsADebuggerInWhereAPortIsGiven() throws Exception {
    installed();
    jdk(jdks.resolve("jdk"), "25");
    String agent = "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:5005";

    assertThat(run(Map.of(), "serve", "--debug", "5005").lines()).contains(agent);
    assertThat(run(Map.of(), "serve", "--watch", "--debug=5005").lines()).contains(agent);
    assertThat(String.join(" ", run(Map.of(), "serve", "--debug", "--watch", "7").lines()))
        .doesNotContain("jdwp");
  }

  @Test
  void buildsWhatIsMissing() throws Exception {
    sources();
    Path jdk = jdk(jdks.resolve("jdk"), "25");
    maven(0);

    Outcome outcome = run(Map.of(), "help");

    assertThat(outcome.err()).contains("building (first start, about a minute)");
    assertThat(mavenCalls())
        .containsExactly(
            "JAVA25_HOME="
                + jdk
                + " -q -B -f "
                + root.resolve("pom.xml")
                + " -pl host-app -am -DskipTests -Dmaven.test.skip=true package");
    assertThat(outcome.lines()).contains(builtJar().toString(), "help");
  }

  @Test
  void doesNotBuildTwice() throws Exception {
    sources();
    jdk(jdks.resolve("jdk"), "25");
    maven(0);

    run(Map.of(), "serve");
    Outcome second = run(Map.of(), "serve");

    assertThat(second.err()).isEmpty();
    assertThat(mavenCalls()).hasSize(1);
  }

  @Test
  void buildsAnewToServeNewerSourcesButNotUnderAHostThatMayBeRunning() throws Exception {
    sources();
    jdk(jdks.resolve("jdk"), "25");
    maven(0);
    run(Map.of(), "serve");
    FileTime later = FileTime.from(Instant.now().plusSeconds(60));
    Files.setLastModifiedTime(root.resolve("host-app/src/main/java/A.java"), later);

    run(Map.of(), "call");
    run(Map.of("HOWDAH_BUILD", "never"), "serve");
    assertThat(mavenCalls()).hasSize(1);
    run(Map.of(), "serve");
    assertThat(mavenCalls()).hasSize(2);
  }

  @Test
  void namesTheFileWithMavensOutputWhenTheBuildFails() throws Exception {
    sources();
    jdk(jdks.resolve("jdk"), "25");
    maven(1);

    Outcome outcome = run(Map.of(), "serve");

    Path log = root.resolve("host-app/target/howdah-build.log");
    assertThat(outcome.exitCode()).isEqualTo(1);
    assertThat(outcome.err()).contains("[ERROR] no such symbol").contains(log.toString());
    assertThat(log).content().contains("[ERROR] no such symbol");
  }

  @Test
  void asksForMavenWhenNothingIsBuilt() throws Exception {
    sources();
    jdk(jdks.resolve("jdk"), "25");

    Outcome outcome = run(Map.of(), "serve");

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err()).contains("no mvn on the PATH");
  }

  private void installed() throws IOException {
    Files.createFile(root.resolve("howdah-host-app.jar"));
  }

  private void sources() throws IOException {
    Files.createFile(root.resolve("pom.xml"));
    Files.createDirectories(root.resolve("host-app/src/main/java"));
    Files.createFile(root.resolve("host-app/src/main/java/A.java"));
  }

  private Path builtJar() {
    return root.resolve("host-app/target/howdah/howdah-host-app.jar");
  }

  private Path jdk(Path home, String version) throws IOException {
    Files.createDirectories(home.resolve("bin"));
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    script(
        home.resolve("bin/java"),
        """
        printf 'java of %s\\n' '{home}'
        printf 'pid %s\\n' "$$"
        printf '%s\\n' "$@"
        exit 7
        """
            .replace("{home}", home.toString()));
    script(home.resolve("bin/javac"), "exit 0\n");
    return home;
  }

  private void maven(int exitCode) throws IOException {
    script(
        tools.resolve("mvn"),
        """
        printf '%s\\n' "JAVA25_HOME=$JAVA25_HOME $*" >>'{calls}'
        if [ {code} -ne 0 ]; then echo '[ERROR] no such symbol'; exit {code}; fi
        mkdir -p '{target}'
        : >'{target}/howdah-host-app.jar'
        """
            .replace("{calls}", folder.resolve("maven-calls").toString())
            .replace("{code}", Integer.toString(exitCode))
            .replace("{target}", builtJar().getParent().toString()));
  }

  private List<String> mavenCalls() throws IOException {
    return Files.readAllLines(folder.resolve("maven-calls"));
  }

  private static void script(Path file, String body) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + body);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Outcome run(Map<String, String> environment, String... arguments) throws Exception {
    return run(root.resolve("howdah"), environment, arguments);
  }

  private Outcome run(Path script, Map<String, String> environment, String... arguments)
      throws Exception {
    List<String> command = new ArrayList<>(List.of(script.toString()));
    command.addAll(Arrays.asList(arguments));
    Path err = folder.resolve("err");
    ProcessBuilder builder =
        new ProcessBuilder(command).directory(tools.toFile()).redirectError(err.toFile());
    builder.environment().clear();
    builder.environment().put("PATH", tools.toString());
    builder.environment().put("HOWDAH_JAVA_FOLDERS", jdks.toString());
    builder.environment().putAll(environment);
    Process process = builder.start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .toList();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), process.pid(), lines, Files.readString(err));
  }

  private static Path projectFile(String name) {
    Path folder = Path.of("").toAbsolutePath();
    while (folder != null && !Files.isRegularFile(folder.resolve(name))) {
      folder = folder.getParent();
    }
    assertThat(folder).as("the project's folder, with %s", name).isNotNull();
    return folder.resolve(name);
  }

  private record Outcome(int exitCode, long pid, List<String> lines, String err) {}
}
