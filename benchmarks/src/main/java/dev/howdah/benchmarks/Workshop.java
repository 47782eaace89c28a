package dev.howdah.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A temporary folder, and what runs in it: all of it is ended and deleted at the end of the run,
 * also when the user ends it early.
 */
final class Workshop implements AutoCloseable {

  private static final int LONGEST_MINUTES = 20;
  private static final int TOLD = 1500;

  private final Path folder;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Thread atTheEnd = Thread.ofPlatform().unstarted(this::clear);
  private boolean closed;

  private Workshop(Path folder) {
    this.folder = folder;
  }

  static Workshop open() throws IOException {
    Workshop workshop = new Workshop(Files.createTempDirectory("howdah-archives"));
    // PostgreSQL's user has a folder of its own in it.
    Files.setPosixFilePermissions(workshop.folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Runtime.getRuntime().addShutdownHook(workshop.atTheEnd);
    return workshop;
  }

  Path folder() {
    return folder;
  }

  /** Makes a folder in it. */
  Path folder(String name) throws IOException {
    return Files.createDirectories(folder.resolve(name));
  }

  /** Closes it at the end, those kept later first. */
  synchronized <T extends AutoCloseable> T keep(T resource) {
    open.push(resource);
    return resource;
  }

  /**
   * Runs a command to its end and returns what it prints.
   *
   * @param around a command that runs another one, or nothing
   * @throws IllegalStateException if it fails; the message has the end of what it printed
   */
  String run(List<String> around, List<String> command, Map<String, String> environment)
      throws IOException {
    List<String> all = new ArrayList<>(around);
    all.addAll(command);
    Path output = Files.createTempFile(folder, "command", ".out");
    Path errors = Files.createTempFile(folder, "command", ".err");
    ProcessBuilder builder =
        new ProcessBuilder(all)
            .directory(folder.toFile())
            .redirectOutput(output.toFile())
            .redirectError(errors.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (!process.waitFor(LONGEST_MINUTES, TimeUnit.MINUTES) || process.exitValue() != 0) {
        String said = Files.readString(output) + Files.readString(errors);
        throw new IllegalStateException(
            "%s failed: %s"
                .formatted(
                    String.join(" ", command), said.substring(Math.max(0, said.length() - TOLD))));
      }
      return Files.readString(output);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted.", stopped);
    } finally {
      process.destroyForcibly();
      Files.deleteIfExists(output);
      Files.deleteIfExists(errors);
    }
  }

  private synchronized void clear() {
    if (closed) {
      return;
    }
    closed = true;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception left) {
        System.err.printf("Something is left behind: %s%n", left);
      }
    }
    if (Files.exists(folder)) {
      try {
        Host.delete(folder);
      } catch (UncheckedIOException left) {
        System.err.printf("%s is left behind: %s%n", folder, left);
      }
    }
  }

  @Override
  public void close() {
    clear();
    try {
      Runtime.getRuntime().removeShutdownHook(atTheEnd);
    } catch (IllegalStateException ending) {
      // It runs already.
      return;
    }
  }
}
