package dev.howdah.host.discovery;

import dev.howdah.host.catalog.Problem;
import dev.howdah.plugin.PluginManifest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * What one JAR, or one folder of classes, of a drop-in holds, read without loading any of it.
 *
 * @param path where it is
 * @param manifests its plugin manifests, as bytes; more than one is a fault
 * @param classes names of its classes
 * @param problems what is wrong with the file itself
 */
record DropInFile(Path path, List<byte[]> manifests, Set<String> classes, List<Problem> problems) {

  /** A manifest has six keys; whatever is longer is something else. */
  private static final int LONGEST_MANIFEST = 64 * 1024;

  private static final String CLASS = ".class";
  private static final Pattern VERSIONED = Pattern.compile("META-INF/versions/\\d+/");
  private static final Pattern DRIVE = Pattern.compile("[A-Za-z]:.*");

  /**
   * Reads the directory of a JAR, and its content if it is signed.
   *
   * @param path the JAR or the folder of classes
   * @param whole whether to read every byte, which finds damage that the directory doesn't show
   */
  static DropInFile read(Path path, boolean whole) {
    if (Files.isDirectory(path)) {
      return folder(path);
    }
    if (!Files.exists(path)) {
      return broken(path, "There is no file %s.", "Correct the path, or build the plugin first.");
    }
    if (!Files.isRegularFile(path)) {
      return broken(path, "%s is not a file.", "Put the plugin's JAR there.");
    }
    if (!Files.isReadable(path)) {
      return broken(
          path, "%s can't be read by the host's user.", "Correct the file's permissions.");
    }
    try (JarFile jar =
        new JarFile(path.toFile(), true, ZipFile.OPEN_READ, JarFile.runtimeVersion())) {
      return jar(path, jar, whole);
    } catch (ZipException e) {
      return broken(
          path,
          "%s is not a readable JAR: the file is damaged, cut short or of another kind.",
          "Build it again, or copy it again and compare checksums.");
    } catch (SecurityException e) {
      return broken(
          path,
          "%s is signed, and its content is not what was signed.",
          "Get the file again from who signed it.");
    } catch (IOException | IllegalArgumentException e) {
      return broken(path, "%s can't be read as a JAR.", "Build it again, or copy it again.");
    }
  }

  private static DropInFile broken(Path path, String reason, String remedy) {
    return new DropInFile(
        path,
        List.of(),
        Set.of(),
        List.of(new Problem(reason.formatted(DropInSource.name(path)), remedy)));
  }

  private static DropInFile jar(Path path, JarFile jar, boolean whole) throws IOException {
    String file = DropInSource.name(path);
    List<byte[]> manifests = new ArrayList<>();
    Set<String> classes = new TreeSet<>();
    Set<String> escaping = new TreeSet<>();
    Set<String> nested = new TreeSet<>();
    List<JarEntry> entries = Collections.list(jar.entries());
    boolean signed = entries.stream().anyMatch(entry -> isSignature(entry.getName()));
    List<Problem> problems = new ArrayList<>();
    for (JarEntry entry : entries) {
      String name = entry.getName();
      if (escapes(name)) {
        escaping.add(name);
      } else if (name.toLowerCase(Locale.ROOT).endsWith(".jar")) {
        nested.add(name);
      } else if (name.equals(PluginManifest.LOCATION)) {
        try (InputStream in = jar.getInputStream(entry)) {
          manifests.add(in.readNBytes(LONGEST_MANIFEST + 1));
        }
      } else if (name.endsWith(CLASS)) {
        classes.add(className(VERSIONED.matcher(name).replaceFirst("")));
      }
      if ((whole || signed) && !entry.isDirectory()) {
        try (InputStream in = jar.getInputStream(entry)) {
          in.transferTo(OutputStream.nullOutputStream());
        }
      }
    }
    if (!escaping.isEmpty()) {
      problems.add(
          new Problem(
              "%s has entries whose names lead out of it, such as '%s'."
                  .formatted(file, escaping.iterator().next()),
              "Don't use it: no build tool makes such a JAR. Find out where it comes from."));
    }
    if (!nested.isEmpty()) {
      problems.add(
          new Problem(
              "%s has JARs inside it, such as '%s'; classes in them can't be loaded."
                  .formatted(file, nested.iterator().next()),
              "Put the plugin's JAR and its libraries side by side into a folder of their own, or"
                  + " shade them into one JAR."));
    }
    return new DropInFile(path, manifests, classes, problems);
  }

  private static DropInFile folder(Path path) {
    List<byte[]> manifests = new ArrayList<>();
    Set<String> classes = new TreeSet<>();
    try (Stream<Path> files = Files.walk(path)) {
      files
          .filter(Files::isRegularFile)
          .map(file -> path.relativize(file).toString().replace('\\', '/'))
          .filter(name -> name.endsWith(CLASS))
          .forEach(name -> classes.add(className(name)));
      Path manifest = path.resolve(PluginManifest.LOCATION);
      if (Files.isRegularFile(manifest)) {
        try (InputStream in = Files.newInputStream(manifest)) {
          manifests.add(in.readNBytes(LONGEST_MANIFEST + 1));
        }
      }
    } catch (IOException | UncheckedIOException e) {
      return broken(path, "The folder %s can't be read.", "Correct the permissions of the folder.");
    }
    return new DropInFile(path, manifests, classes, List.of());
  }

  /** Whether the manifest is too long to be one. */
  static boolean tooLong(byte[] manifest) {
    return manifest.length > LONGEST_MANIFEST;
  }

  /** The bytes of a class in it, if it is there. */
  Optional<byte[]> classFile(String className) throws IOException {
    String entry = className.replace('.', '/') + CLASS;
    if (Files.isDirectory(path)) {
      Path file = path.resolve(entry);
      return Files.isRegularFile(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
    }
    try (JarFile jar =
        new JarFile(path.toFile(), true, ZipFile.OPEN_READ, JarFile.runtimeVersion())) {
      JarEntry found = jar.getJarEntry(entry);
      if (found == null) {
        return Optional.empty();
      }
      try (InputStream in = jar.getInputStream(found)) {
        return Optional.of(in.readAllBytes());
      }
    }
  }

  /** The SHA-256 of a JAR, in lower-case hexadecimal. */
  String sha256() throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] buffer = new byte[64 * 1024];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256.", e);
    }
  }

  private static String className(String entry) {
    return entry.substring(0, entry.length() - CLASS.length()).replace('/', '.');
  }

  private static boolean escapes(String name) {
    return name.startsWith("/")
        || name.indexOf('\\') >= 0
        || name.indexOf('\0') >= 0
        || DRIVE.matcher(name).matches()
        || List.of(name.split("/")).contains("..");
  }

  private static boolean isSignature(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    return upper.startsWith("META-INF/") && upper.endsWith(".SF");
  }
}
