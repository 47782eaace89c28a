package dev.howdah.host.cli;

import dev.howdah.host.discovery.DropInSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Waits for drop-ins to change, and for the change to be over: a build deletes, writes and rewrites
 * for a while. Looks at times and sizes rather than ask the system to be told, which works on every
 * file system.
 */
final class SourceWatch {

  private static final Duration LOOK_EVERY = Duration.ofMillis(250);

  private final List<String> sources;
  private final Duration quiet;
  private Map<Path, String> known;

  /**
   * Takes note of what is there now.
   *
   * @param sources drop-ins as {@link DropInSource#parse} reads them
   * @param quiet how long nothing must change for a change to be over
   */
  SourceWatch(List<String> sources, Duration quiet) {
    this.sources = List.copyOf(sources);
    this.quiet = quiet;
    this.known = look();
  }

  /** Returns when something has changed and all of it is there. */
  void awaitChange() throws InterruptedException {
    Map<Path, String> seen = known;
    long since = System.nanoTime();
    while (true) {
      Thread.sleep(LOOK_EVERY);
      Map<Path, String> now = look();
      if (!now.equals(seen)) {
        seen = now;
        since = System.nanoTime();
      } else if (!seen.equals(known)
          && !seen.containsValue("missing")
          && System.nanoTime() - since >= quiet.toNanos()) {
        known = seen;
        return;
      }
    }
  }

  private Map<Path, String> look() {
    Map<Path, String> stamps = new TreeMap<>();
    for (String source : sources) {
      List<Path> classPath = DropInSource.parse(source).classPath();
      if (classPath.isEmpty()) {
        stamps.put(Path.of(source), "missing");
      }
      classPath.forEach(path -> stamp(path, stamps));
    }
    return stamps;
  }

  private static void stamp(Path path, Map<Path, String> stamps) {
    if (!Files.exists(path)) {
      stamps.put(path, "missing");
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      files.filter(Files::isRegularFile).forEach(file -> stamps.put(file, stamp(file)));
    } catch (IOException | UncheckedIOException changing) {
      stamps.put(path, "missing");
    }
  }

  private static String stamp(Path file) {
    try {
      return Files.getLastModifiedTime(file).toMillis() + " " + Files.size(file);
    } catch (IOException gone) {
      return "missing";
    }
  }
}
