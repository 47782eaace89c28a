package dev.howdah.host.discovery;

import dev.howdah.plugin.PluginManifest;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * One drop-in: a JAR, a folder of JARs, a folder of classes, or several of these as one class path.
 *
 * @param location what to call it, a path as a rule
 * @param classPath its JARs and folders of classes; empty if there are none
 */
public record DropInSource(String location, List<Path> classPath) {

  private static final String EVERY_JAR = File.separator + "*";

  /** Copies the class path. */
  public DropInSource {
    classPath = List.copyOf(classPath);
  }

  /**
   * Everything in a drop-in folder: each JAR and each folder is one drop-in. Hidden files and files
   * of other kinds are left alone.
   *
   * @param directory the folder
   * @throws IOException if it can't be listed
   */
  public static List<DropInSource> in(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(entry -> !name(entry).startsWith("."))
          .filter(entry -> isJar(entry) || Files.isDirectory(entry))
          .sorted()
          .map(DropInSource::of)
          .toList();
    }
  }

  /**
   * Reads one drop-in as the command line and the configuration have it: a path, or several joined
   * as in a class path, of which {@code folder/*} stands for every JAR in it.
   *
   * @param text {@code target/hello.jar}, or {@code target/classes:target/dependency/*}
   */
  public static DropInSource parse(String text) {
    List<String> parts =
        Arrays.stream(text.split(File.pathSeparator)).filter(part -> !part.isBlank()).toList();
    if (parts.size() == 1 && !parts.getFirst().endsWith(EVERY_JAR)) {
      return of(Path.of(parts.getFirst()));
    }
    List<Path> classPath = new ArrayList<>();
    for (String part : parts) {
      if (part.endsWith(EVERY_JAR)) {
        classPath.addAll(jars(Path.of(part.substring(0, part.length() - EVERY_JAR.length()))));
      } else {
        classPath.add(Path.of(part));
      }
    }
    return new DropInSource(text, classPath);
  }

  /**
   * Makes a drop-in of one path.
   *
   * @param path a JAR, a folder of JARs (those of its subfolder {@code lib} too), or a folder of
   *     classes
   */
  public static DropInSource of(Path path) {
    return new DropInSource(path.toString(), classPath(path));
  }

  private static List<Path> classPath(Path path) {
    if (!Files.isDirectory(path)) {
      return List.of(path);
    }
    List<Path> jars = new ArrayList<>(jars(path));
    if (Files.exists(path.resolve(PluginManifest.LOCATION))
        || (jars.isEmpty() && Files.isDirectory(path.resolve("META-INF")))) {
      return List.of(path);
    }
    jars.addAll(jars(path.resolve("lib")));
    return jars;
  }

  private static List<Path> jars(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> isJar(file) && !name(file).startsWith("."))
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException unreadable) {
      return List.of();
    }
  }

  /** An id for messages as long as the manifest isn't known: the file's name without its ending. */
  String provisionalId() {
    Path path = classPath.size() == 1 ? classPath.getFirst() : Path.of(location);
    String name = name(path).toLowerCase(Locale.ROOT);
    return name.endsWith(".jar") ? name.substring(0, name.length() - 4) : name;
  }

  static boolean isJar(Path path) {
    return name(path).toLowerCase(Locale.ROOT).endsWith(".jar");
  }

  static String name(Path path) {
    Path name = path.getFileName();
    return name == null ? path.toString() : name.toString();
  }
}
