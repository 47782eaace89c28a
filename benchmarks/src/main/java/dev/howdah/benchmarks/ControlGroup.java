package dev.howdah.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * All processes of one program, those that it starts and leaves behind included: what they use
 * together. Linux only, and only where control groups can be made.
 */
final class ControlGroup implements AutoCloseable {

  private static final Path FIRST_VERSION = Path.of("/sys/fs/cgroup/cpuacct");
  private static final Path SECOND_VERSION = Path.of("/sys/fs/cgroup");
  private static final int ATTEMPTS = 200;
  private static final int PAUSE_MILLIS = 25;

  private final Path group;
  private final boolean first;

  private ControlGroup(Path group, boolean first) {
    this.group = group;
    this.first = first;
  }

  /**
   * Makes one.
   *
   * @param name of the program
   * @return empty if this machine doesn't let us
   */
  static Optional<ControlGroup> of(String name) {
    boolean first = Files.exists(FIRST_VERSION.resolve("cpuacct.usage"));
    Path parent = first ? FIRST_VERSION : SECOND_VERSION;
    Path group =
        parent.resolve("howdah-benchmark-%d-%s".formatted(ProcessHandle.current().pid(), name));
    if (!first && !Files.exists(parent.resolve("cgroup.controllers"))) {
      return Optional.empty();
    }
    try {
      return Optional.of(new ControlGroup(Files.createDirectory(group), first));
    } catch (IOException notHere) {
      return Optional.empty();
    }
  }

  /** What runs a command inside: a shell that moves itself there and becomes the command. */
  List<String> around() {
    return List.of("sh", "-c", "echo $$ >\"$0\"/cgroup.procs && exec \"$@\"", group.toString());
  }

  /** Processor time of all that ever ran inside, in seconds. */
  double processorSeconds() {
    try {
      if (first) {
        return Double.parseDouble(Files.readString(group.resolve("cpuacct.usage")).strip()) / 1e9;
      }
      return Files.readAllLines(group.resolve("cpu.stat")).stream()
          .filter(line -> line.startsWith("usage_usec "))
          .mapToDouble(line -> Double.parseDouble(line.substring("usage_usec ".length())) / 1e6)
          .findFirst()
          .orElseThrow();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** The processes that are inside now. */
  List<Long> processes() {
    try {
      return Files.readAllLines(group.resolve("cgroup.procs")).stream()
          .map(Long::parseLong)
          .toList();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Ends what is still inside. */
  @Override
  public void close() {
    try {
      for (int i = 0; i < ATTEMPTS && !processes().isEmpty(); i++) {
        processes().forEach(id -> ProcessHandle.of(id).ifPresent(ProcessHandle::destroyForcibly));
        Thread.sleep(PAUSE_MILLIS);
      }
      Files.delete(group);
    } catch (IOException left) {
      throw new UncheckedIOException(left);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }
}
