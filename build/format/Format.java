import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.JavaFormatterOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Checks, or with {@code write} mends, the layout of every Java file below a folder. Run by the
 * build in a JVM of the toolchain's, since the formatter parses with its own JVM's compiler and
 * Maven may run on an older one.
 */
public final class Format {

  private static final Set<String> LEFT_OUT = Set.of("target", ".git", ".howdah", "node_modules");

  private Format() {}

  /**
   * Checks or writes.
   *
   * @param arguments {@code check} or {@code write}, then the folder
   */
  public static void main(String[] arguments) throws Exception {
    boolean write = arguments[0].equals("write");
    Formatter formatter = new Formatter(JavaFormatterOptions.defaultOptions());
    List<Path> different = new ArrayList<>();
    for (Path file : javaFiles(Path.of(arguments[1]))) {
      String before = Files.readString(file);
      String after = formatter.formatSourceAndFixImports(before);
      if (!after.equals(before)) {
        different.add(file);
        if (write) {
          Files.writeString(file, after);
        }
      }
    }
    if (!write && !different.isEmpty()) {
      System.err.println(
          "The layout of these files isn't the formatter's; mend it with `build/format/run"
              + " write`:");
      different.forEach(file -> System.err.println("  " + file));
      System.exit(1);
    }
  }

  private static List<Path> javaFiles(Path folder) throws Exception {
    List<Path> files = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      for (Path entry : entries.sorted().toList()) {
        String name = entry.getFileName().toString();
        if (Files.isDirectory(entry) && !LEFT_OUT.contains(name)) {
          files.addAll(javaFiles(entry));
        } else if (name.endsWith(".java")) {
          files.add(entry);
        }
      }
    }
    return files;
  }
}
