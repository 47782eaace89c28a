package dev.howdah.host.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import dev.howdah.host.catalog.Problem;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.CertPath;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipFile;
import jdk.security.jarsigner.JarSigner;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/** Everything that can be wrong with a drop-in, in one folder, with a good one among it. */
@ExtendWith(OutputCaptureExtension.class)
class BrokenDropInsTest {

  @TempDir private Path home;

  /** What is said of each, by its id or its file's name. */
  private final Map<String, String> rejected = new LinkedHashMap<>();

  private final Map<String, String> failed = new LinkedHashMap<>();

  @Test
  void eachSaysWhatIsWrongWithItAndTheGoodOneServes(CapturedOutput output) throws Exception {
    JarBuilder.plugin("good").write(dropIn("good.jar"));
    filesThatAreNoJars();
    manifestsThatSayTooLittle();
    jarsWithTheWrongContent();
    folders();
    classesThatAreNoPlugins();
    pluginsThatDoNotStart();
    twins();

    try (DropInHost host = DropInHost.start(home, "howdah.start.timeout=4s")) {
      assertThat(host.status("good").path("id").asString()).isEqualTo("good");

      Map<String, String> said = new LinkedHashMap<>();
      for (PluginHandle plugin : host.plugins()) {
        Optional<Problem> problem = plugin.problem();
        assertThat(problem.isEmpty())
            .as("%s: %s", plugin, problem)
            .isEqualTo(plugin.state() == PluginState.READY);
        problem.ifPresent(
            it -> {
              assertThat(it.reason()).as(plugin.id()).isNotBlank();
              said.merge(plugin.id(), it.toString(), (one, other) -> one + other);
            });
      }
      rejected.forEach((id, message) -> assertThat(said.get(id)).as(id).contains(message));
      failed.forEach((id, message) -> assertThat(said.get(id)).as(id).contains(message));
      assertThat(said).hasSize(rejected.size() + failed.size());
      assertThat(said.values()).doesNotHaveDuplicates().hasSizeGreaterThan(20);
      for (PluginHandle plugin : host.plugins()) {
        if (rejected.containsKey(plugin.id()) && plugin.state() != PluginState.READY) {
          assertThat(plugin.state()).as(plugin.id()).isEqualTo(PluginState.REJECTED);
        }
        if (failed.containsKey(plugin.id())) {
          assertThat(plugin.state()).as(plugin.id()).isEqualTo(PluginState.FAILED);
        }
      }
      // Its author needs to know where; of what is missing or wrong around it all is said.
      assertThat(output.getOut())
          .contains("java.lang.IllegalStateException: No disk.")
          .doesNotContain(
              "java.lang.NoClassDefFoundError",
              "NoSuchBeanDefinitionException",
              "ConfigurationException",
              "Exception encountered during context initialization");
    }
  }

  private void filesThatAreNoJars() throws Exception {
    Files.writeString(dropIn("text.jar"), "This is not a JAR.");
    rejected.put("text", "text.jar is not a readable JAR");
    Files.createFile(dropIn("empty.jar"));
    rejected.put("empty", "empty.jar is not a readable JAR");
    byte[] whole = Files.readAllBytes(JarBuilder.plugin("x").write(home.resolve("x.jar")));
    Files.write(dropIn("cut.jar"), Arrays.copyOf(whole, whole.length - 30));
    rejected.put("cut", "cut.jar is not a readable JAR");
    Files.createSymbolicLink(dropIn("dangling.jar"), home.resolve("nowhere.jar"));
    rejected.put("dangling", "There is no file dangling.jar.");
    tampered(dropIn("signed.jar"));
    rejected.put("signed", "signed.jar is signed, and its content is not what was signed.");
  }

  private void manifestsThatSayTooLittle() throws Exception {
    JarBuilder.jar().entry("a.txt", "a").write(dropIn("nothing.jar"));
    rejected.put("nothing", "nothing.jar has no META-INF/howdah/plugin.properties.");
    manifest("no-class", Map.of("class", ""), "the key 'class' is missing");
    manifest("strange-class", Map.of("class", "com/example/It"), "is not the name of a class");
    manifest("no-id", Map.of("id", ""), "the key 'id' is missing");
    manifest("bad-id", Map.of("id", "Bad_Id"), "id='Bad_Id' is not a lower-case DNS label");
    manifest("bad-name", Map.of("name", "noDot"), "The plugin name 'noDot' is not");
    manifest("long-name", Map.of("name", "a".repeat(60) + ".example.com"), "CNPG-I allows 63");
    manifest("no-version", Map.of("version", ""), "the key 'version' is missing");
    manifest("no-api", Map.of("api", ""), "the key 'api' is missing");
    manifest("odd-api", Map.of("api", "newest"), "'newest' is not an API range");
    manifest("odd-spring", Map.of("spring", "yes"), "spring='yes' is neither");
    manifest("misspelt", Map.of("klass", "a.B"), "unknown keys [klass]");
    JarBuilder.jar()
        .manifest("novel", Map.of("version", "1".repeat(70_000)))
        .write(dropIn("novel.jar"));
    rejected.put("novel", "The manifest of novel.jar is longer than 64 KiB.");
    JarBuilder.plugin("twice").twinManifest().write(dropIn("twice.jar"));
    rejected.put("twice", "twice.jar has 2 entries named META-INF/howdah/plugin.properties.");
    JarBuilder.plugin("future")
        .manifest("future", Map.of("api", "[2.0,3.0)"))
        .write(dropIn("future.jar"));
    rejected.put("future", "future.jar was made for plugin API [2.0,3.0); this host has 1.0.");
  }

  private void manifest(String file, Map<String, String> changes, String message) throws Exception {
    JarBuilder.jar().manifest(file, changes).write(dropIn(file + ".jar"));
    rejected.put(file, message);
  }

  private void jarsWithTheWrongContent() throws Exception {
    JarBuilder.plugin("climber").entry("../../etc/cron.d/evil", "x").write(dropIn("climber.jar"));
    rejected.put("climber", "lead out of it, such as '../../etc/cron.d/evil'");
    JarBuilder.plugin("absolute").entry("/etc/evil", "x").write(dropIn("absolute.jar"));
    rejected.put("absolute", "lead out of it, such as '/etc/evil'");
    JarBuilder.plugin("windows").entry("..\\evil", "x").write(dropIn("windows.jar"));
    rejected.put("windows", "lead out of it, such as '..\\evil'");
    JarBuilder.plugin("nested").entry("BOOT-INF/lib/a.jar", "x").write(dropIn("nested.jar"));
    rejected.put("nested", "nested.jar has JARs inside it, such as 'BOOT-INF/lib/a.jar'");
    JarBuilder.plugin("logger")
        .source("org.slf4j.Mine", "package org.slf4j; public class Mine {}")
        .write(dropIn("logger.jar"));
    rejected.put("logger", "logger.jar carries classes of org.slf4j.*");
    JarBuilder.plugin("api-inside")
        .source("dev.howdah.plugin.Mine", "package dev.howdah.plugin; public class Mine {}")
        .write(dropIn("api-inside.jar"));
    rejected.put("api-inside", "Leave dev.howdah:howdah-plugin-api out");
    JarBuilder.plugin("own-spring")
        .manifest("own-spring", Map.of("spring", "true"))
        .source("org.springframework.Mine", "package org.springframework; public class Mine {}")
        .write(dropIn("own-spring.jar"));
    rejected.put("own-spring", "carries classes of org.springframework.*");
  }

  private void folders() throws Exception {
    Files.createDirectories(dropIn("hollow"));
    rejected.put("hollow", "The folder hollow has no JAR in it.");
    JarBuilder.plugin("first").write(dropIn("crowd/first.jar"));
    JarBuilder.plugin("second").write(dropIn("crowd/second.jar"));
    rejected.put("crowd", "first.jar and second.jar both have a META-INF/howdah");
    JarBuilder.jar().entry("a", "a").write(dropIn("libraries/a.jar"));
    JarBuilder.jar().entry("b", "b").write(dropIn("libraries/b.jar"));
    rejected.put("libraries", "No JAR in libraries has a META-INF/howdah/plugin.properties.");
  }

  private void classesThatAreNoPlugins() throws Exception {
    JarBuilder.jar().manifest("absent").write(dropIn("absent.jar"));
    rejected.put("absent", "absent.jar has no class com.example.absent.It");
    JarBuilder.jar()
        .manifest("garbage")
        .entry("com/example/garbage/It.class", "\0\0\0\0\0\0\0\1 not a class")
        .write(dropIn("garbage.jar"));
    rejected.put("garbage", "The class file of com.example.garbage.It in garbage.jar is damaged.");
    JarBuilder.plugin("newer").classFileVersion(44 + 99).write(dropIn("newer.jar"));
    rejected.put("newer", "was compiled for Java 99; this host runs on Java ");
    plugin(
        "unborn",
        "package com.example.unborn; public abstract class It"
            + " implements dev.howdah.plugin.Plugin {}");
    rejected.put("unborn", "com.example.unborn.It in unborn.jar is abstract");
    plugin("stranger", "package com.example.stranger; public class It {}");
    failed.put("stranger", "com.example.stranger.It doesn't implement dev.howdah.plugin.Plugin.");
    JarBuilder.jar()
        .manifest("shy")
        .pluginSource("shy", "private It() {}", "1")
        .write(dropIn("shy.jar"));
    failed.put("shy", "The class com.example.shy.It has no public constructor");
    JarBuilder.jar()
        .manifest("torn")
        .pluginSource("torn", "public It() {} public It(java.time.Clock clock) {}", "1")
        .write(dropIn("torn.jar"));
    failed.put("torn", "The class com.example.torn.It has more than one public constructor");
  }

  private void pluginsThatDoNotStart() throws Exception {
    Path library =
        JarBuilder.jar()
            .source("com.example.gone.Gone", "package com.example.gone; public class Gone {}")
            .write(home.resolve("gone.jar"));
    JarBuilder.jar()
        .manifest("lonely")
        .pluginSource("lonely", "private final Object it = new com.example.gone.Gone();", "1")
        .against(library)
        .write(dropIn("lonely.jar"));
    failed.put("lonely", "It needs the class com.example.gone.Gone, which isn't there.");
    member(
        "hidden",
        "private final Object it = com.google.protobuf.ByteString.EMPTY;",
        "It needs the class com.google.protobuf.ByteString, which isn't there.");
    member(
        "thrower",
        "public It() { throw new IllegalStateException(\"No luck today.\"); }",
        "Its constructor failed: No luck today.");
    member(
        "mute",
        "public It() { throw new UnsupportedOperationException(); }",
        "Its constructor failed: UnsupportedOperationException.");
    member(
        "sleeper",
        "public It() throws Exception { Thread.sleep(60_000); }",
        "It didn't start within 4 s: its constructor didn't return.");
    member(
        "spinner",
        "public void start() { while (!Thread.interrupted()) Thread.onSpinWait(); }",
        "It didn't start within 4 s: start() didn't return.");
    member(
        "statics",
        "static final int ONE = Integer.parseInt(\"one\");",
        "One of its classes can't be initialised: For input string: \"one\"");
    member(
        "greedy",
        "public It(java.util.concurrent.ExecutorService all) {}",
        "Its constructor asks for java.util.concurrent.ExecutorService");
    member(
        "starter",
        "public void start() { throw new IllegalStateException(\"No disk.\"); }",
        "start() failed: No disk.");
    member(
        "overflow",
        "public It() { it(); } private void it() { it(); }",
        "Its constructor failed: StackOverflowError.");
    member(
        "choosy",
        "record Wishes(@jakarta.validation.constraints.NotNull String wish) {}"
            + " public It(PluginConfiguration its) { its.bind(Wishes.class); }",
        "howdah.plugins.choosy.wish");
    JarBuilder.plugin("liar")
        .manifest("liar", Map.of("name", "truth.example.com"))
        .write(dropIn("liar.jar"));
    failed.put("liar", "give the name that stands in its manifest");
    JarBuilder.jar()
        .manifest("doubler")
        .pluginSource("doubler", "", "1)); hooks.status(context -> java.util.Optional.of(2")
        .write(dropIn("doubler.jar"));
    failed.put("doubler", "status");
  }

  private void member(String id, String members, String message) throws Exception {
    JarBuilder.jar().manifest(id).pluginSource(id, members, "1").write(dropIn(id + ".jar"));
    failed.put(id, message);
  }

  private void plugin(String id, String source) throws Exception {
    JarBuilder.jar()
        .manifest(id)
        .source(JarBuilder.className(id), source)
        .write(dropIn(id + ".jar"));
  }

  /** Files come in alphabetical order, so good.jar comes first. */
  private void twins() throws Exception {
    JarBuilder.plugin("good").write(dropIn("z-same-id.jar"));
    rejected.put("good", "The id 'good' is already taken by drop-in:");
    JarBuilder.plugin("namesake")
        .manifest("namesake", Map.of("name", "good.example.com"))
        .write(dropIn("z-same-name.jar"));
    rejected.put("namesake", "The name 'good.example.com' is already taken by the plugin 'good'");
  }

  private void tampered(Path target) throws Exception {
    KeyPair keys = KeyPairGenerator.getInstance("RSA").generateKeyPair();
    Path plain =
        JarBuilder.plugin("signed").entry("data.txt", "original").write(home.resolve("plain.jar"));
    Path signed = home.resolve("signed-whole.jar");
    try (ZipFile zip = new ZipFile(plain.toFile());
        OutputStream out = Files.newOutputStream(signed)) {
      new JarSigner.Builder(keys.getPrivate(), chain(keys)).build().sign(zip, out);
    }
    assertThat(DropInFile.read(signed, true).problems()).isEmpty();
    Path changed = home.resolve("signed-changed.jar");
    JarBuilder copy = JarBuilder.jar();
    copy.shade(signed);
    copy.entry("data.txt", "tampered").write(changed);
    Files.copy(changed, target);
  }

  private static CertPath chain(KeyPair keys) throws Exception {
    X500Name name = new X500Name("CN=test");
    Instant now = Instant.now();
    Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        name,
                        BigInteger.ONE,
                        Date.from(now.minus(1, ChronoUnit.DAYS)),
                        Date.from(now.plus(1, ChronoUnit.DAYS)),
                        name,
                        keys.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withRSA").build(keys.getPrivate())));
    return CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate));
  }

  private Path dropIn(String file) throws Exception {
    Path path = home.resolve("drop-in").resolve(file);
    Files.createDirectories(path.getParent());
    return path;
  }
}
