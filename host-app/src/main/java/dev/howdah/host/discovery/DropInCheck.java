package dev.howdah.host.discovery;

import dev.howdah.host.catalog.Problem;
import dev.howdah.host.config.HowdahProperties.Verification;
import dev.howdah.host.config.HowdahProperties.VerificationMode;
import dev.howdah.plugin.ApiVersion;
import dev.howdah.plugin.PluginManifest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checks a drop-in as far as that is possible without loading any of its classes. Each problem
 * names the file, what is wrong with it, and what to do.
 */
public final class DropInCheck {

  private static final Logger LOG = LoggerFactory.getLogger(DropInCheck.class);

  /** What to take off a class file's version for the Java release: 69 is Java 25. */
  private static final int FIRST_CLASS_FILE_VERSION = 44;

  private final Verification verification;
  private final boolean whole;

  /**
   * What came of a check.
   *
   * @param source what was checked
   * @param manifest its manifest, if it has one that can be read
   * @param problems everything that is wrong; empty if it may be loaded
   * @param warnings what would be wrong if verification were enforced
   * @param sha256 the hash of each JAR by its file name, if verification asks for it
   */
  public record Result(
      DropInSource source,
      Optional<PluginManifest> manifest,
      List<Problem> problems,
      List<Problem> warnings,
      Map<String, String> sha256) {

    /** Copies the collections. */
    public Result {
      problems = List.copyOf(problems);
      warnings = List.copyOf(warnings);
    }

    /** Its id, or what stands for it until that is known. */
    public String id() {
      return manifest.map(PluginManifest::id).orElseGet(source::provisionalId);
    }
  }

  private DropInCheck(Verification verification, boolean whole) {
    this.verification = verification;
    this.whole = whole;
  }

  /**
   * The check of a host that starts: reads every byte only where verification asks for that.
   *
   * @param verification which hashes files must have
   */
  public static DropInCheck ofHost(Verification verification) {
    return new DropInCheck(verification, verification.mode() != VerificationMode.OFF);
  }

  /**
   * The check that leaves nothing out, for {@code howdah plugins verify}.
   *
   * @param verification which hashes files must have
   */
  public static DropInCheck thorough(Verification verification) {
    return new DropInCheck(verification, true);
  }

  /** Checks a drop-in. */
  public Result check(DropInSource source) {
    Findings findings = new Findings(source);
    if (source.classPath().isEmpty()) {
      findings.problem(
          "The folder %s has no JAR in it.".formatted(simpleName(source)),
          "Put the plugin's JAR into it, or remove the folder.");
      return findings.result();
    }
    List<DropInFile> files =
        source.classPath().stream().map(path -> DropInFile.read(path, whole)).toList();
    files.forEach(file -> findings.problems.addAll(file.problems()));
    if (findings.problems.isEmpty()) {
      // In whatever can't be read the manifest may lie.
      manifest(files, findings);
    }
    findings.manifest.ifPresent(manifest -> checkAgainst(manifest, files, findings));
    verify(files, findings);
    return findings.result();
  }

  private void manifest(List<DropInFile> files, Findings findings) {
    List<DropInFile> with = files.stream().filter(file -> !file.manifests().isEmpty()).toList();
    if (with.isEmpty()) {
      findings.problem(
          noManifest(files, findings),
          "Add one that names the plugin's class, id, name, version and API range; in a Maven"
              + " project it belongs in src/main/resources.");
      return;
    }
    if (with.size() > 1) {
      findings.problem(
          "%s and %s both have a %s; a folder is one plugin."
              .formatted(
                  DropInSource.name(with.get(0).path()),
                  DropInSource.name(with.get(1).path()),
                  PluginManifest.LOCATION),
          "Give each plugin a folder of its own, or put its one JAR straight into the drop-in"
              + " folder.");
      return;
    }
    DropInFile file = with.getFirst();
    String name = DropInSource.name(file.path());
    if (file.manifests().size() > 1) {
      findings.problem(
          "%s has %d entries named %s."
              .formatted(name, file.manifests().size(), PluginManifest.LOCATION),
          "Build it again with one; shading several plugins into one JAR doesn't work.");
      return;
    }
    byte[] bytes = file.manifests().getFirst();
    if (DropInFile.tooLong(bytes)) {
      findings.problem(
          "The manifest of %s is longer than 64 KiB.".formatted(name),
          "A manifest has a handful of short lines; put the right file in its place.");
      return;
    }
    try {
      findings.manifest = Optional.of(PluginManifest.read(new ByteArrayInputStream(bytes)));
    } catch (IllegalArgumentException e) {
      findings.problem(
          "The manifest of %s can't be used: %s".formatted(name, e.getMessage()),
          "Correct %s and build the plugin again.".formatted(PluginManifest.LOCATION));
    } catch (IOException e) {
      throw new IllegalStateException("Bytes in memory can be read.", e);
    }
  }

  private static void checkAgainst(
      PluginManifest manifest, List<DropInFile> files, Findings findings) {
    if (!manifest.api().contains(ApiVersion.CURRENT)) {
      findings.problem(
          "%s was made for plugin API %s; this host has %s."
              .formatted(simpleName(findings.source), manifest.api(), ApiVersion.CURRENT),
          "Use a version of the plugin for this host, or a host for this plugin.");
      return;
    }
    sharedClasses(manifest, files, findings);
    pluginClass(manifest, files, findings);
  }

  private static void sharedClasses(
      PluginManifest manifest, List<DropInFile> files, Findings findings) {
    SharedPackages shared = SharedPackages.with(manifest);
    for (DropInFile file : files) {
      Map<String, SharedPackages.Shared> carried = new TreeMap<>();
      for (String type : file.classes()) {
        shared.find(type).ifPresent(found -> carried.putIfAbsent(found.prefix(), found));
      }
      if (!carried.isEmpty()) {
        findings.problem(
            "%s carries classes of %s, which plugins take from the host."
                .formatted(
                    DropInSource.name(file.path()),
                    String.join(" and ", carried.keySet().stream().map(it -> it + "*").toList())),
            "Leave %s out: in Maven give it the scope 'provided', or exclude it when shading."
                .formatted(
                    String.join(
                        " and ",
                        carried.values().stream().map(SharedPackages.Shared::artifact).toList())));
      }
    }
  }

  private static void pluginClass(
      PluginManifest manifest, List<DropInFile> files, Findings findings) {
    String type = manifest.pluginClass();
    String where = simpleName(findings.source);
    try {
      for (DropInFile file : files) {
        Optional<byte[]> bytes = file.classFile(type);
        if (bytes.isPresent()) {
          classFile(type, where, bytes.get(), findings);
          return;
        }
      }
    } catch (IOException | SecurityException e) {
      findings.problem(
          "The class %s in %s can't be read: the file is damaged.".formatted(type, where),
          "Build it again, or copy it again and compare checksums.");
      return;
    }
    findings.problem(
        "%s has no class %s, which its manifest names.".formatted(where, type),
        "Correct 'class' in %s, or put the JAR with the class beside it."
            .formatted(PluginManifest.LOCATION));
  }

  private static void classFile(String type, String where, byte[] bytes, Findings findings) {
    int version = bytes.length < 8 ? 0 : (bytes[6] & 0xff) << 8 | bytes[7] & 0xff;
    int running = ClassFile.latestMajorVersion();
    if (version > running) {
      findings.problem(
          "The class %s in %s was compiled for Java %d; this host runs on Java %d."
              .formatted(type, where, feature(version), feature(running)),
          "Compile the plugin with --release %d.".formatted(feature(running)));
      return;
    }
    ClassModel model;
    try {
      model = ClassFile.of().parse(bytes);
      String named = model.thisClass().asInternalName().replace('/', '.');
      if (!named.equals(type)) {
        findings.problem(
            "The file of the class %s in %s holds the class %s.".formatted(type, where, named),
            "Correct 'class' in %s; upper and lower case count."
                .formatted(PluginManifest.LOCATION));
        return;
      }
    } catch (IllegalArgumentException e) {
      findings.problem(
          "The class file of %s in %s is damaged.".formatted(type, where),
          "Build it again, or copy it again and compare checksums.");
      return;
    }
    if (model.flags().has(AccessFlag.INTERFACE) || model.flags().has(AccessFlag.ABSTRACT)) {
      findings.problem(
          "%s in %s is abstract and can't be a plugin.".formatted(type, where),
          "Name the class that extends or implements it as 'class' in %s."
              .formatted(PluginManifest.LOCATION));
    }
  }

  private static int feature(int classFileVersion) {
    return classFileVersion - FIRST_CLASS_FILE_VERSION;
  }

  private void verify(List<DropInFile> files, Findings findings) {
    if (!whole) {
      return;
    }
    for (DropInFile file : files) {
      if (Files.isRegularFile(file.path()) && Files.isReadable(file.path())) {
        try {
          pin(file, findings);
        } catch (IOException e) {
          findings.problem(
              "%s can't be read.".formatted(DropInSource.name(file.path())),
              "Correct the file's permissions.");
        }
      } else if (Files.isDirectory(file.path())) {
        unverified(
            findings,
            new Problem(
                "%s is a folder of classes, which has no hash."
                    .formatted(DropInSource.name(file.path())),
                "Use a JAR where verification is enforced."));
      }
    }
  }

  private void pin(DropInFile file, Findings findings) throws IOException {
    String name = DropInSource.name(file.path());
    String actual = file.sha256();
    findings.sha256.put(name, actual);
    String pinned = verification.sha256().get(name);
    if (pinned == null) {
      unverified(
          findings,
          new Problem(
              "The SHA-256 of %s isn't pinned.".formatted(name),
              "If you trust the file, set howdah.discovery.verification.sha256.[%s]=%s."
                  .formatted(name, actual)));
    } else if (!pinned.strip().toLowerCase(Locale.ROOT).equals(actual)) {
      unverified(
          findings,
          new Problem(
              "The SHA-256 of %s is %s, not the pinned %s.".formatted(name, actual, pinned.strip()),
              "Put the right file in its place, or pin the new one if you trust it."));
    }
  }

  private void unverified(Findings findings, Problem problem) {
    switch (verification.mode()) {
      case OFF -> {}
      case WARN -> {
        findings.warnings.add(problem);
        LOG.atWarn()
            .addKeyValue("source", findings.source.location())
            .log("Not verified, and used all the same: {}", problem);
      }
      case ENFORCE -> findings.problems.add(problem);
    }
  }

  private static String noManifest(List<DropInFile> files, Findings findings) {
    return files.size() == 1
        ? "%s has no %s."
            .formatted(DropInSource.name(files.getFirst().path()), PluginManifest.LOCATION)
        : "No JAR in %s has a %s.".formatted(simpleName(findings.source), PluginManifest.LOCATION);
  }

  private static String simpleName(DropInSource source) {
    return source.classPath().size() == 1
        ? DropInSource.name(source.classPath().getFirst())
        : DropInSource.name(Path.of(source.location()));
  }

  /** What a check has found so far. */
  private static final class Findings {
    private final DropInSource source;
    private Optional<PluginManifest> manifest = Optional.empty();
    private final List<Problem> problems = new ArrayList<>();
    private final List<Problem> warnings = new ArrayList<>();
    private final Map<String, String> sha256 = new LinkedHashMap<>();

    Findings(DropInSource source) {
      this.source = source;
    }

    void problem(String reason, String remedy) {
      problems.add(new Problem(reason, remedy));
    }

    Result result() {
      return new Result(source, manifest, problems, warnings, sha256);
    }
  }
}
