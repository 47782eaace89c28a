package dev.howdah.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A share of one processor for the processes in it, by the kernel's own quota, as a container's CPU
 * limit is made. Linux only, and only where control groups can be made.
 */
final class ProcessorQuota implements AutoCloseable {

  private static final int PERIOD_MICROS = 100_000;
  private static final Path FIRST_VERSION = Path.of("/sys/fs/cgroup/cpu");
  private static final Path SECOND_VERSION = Path.of("/sys/fs/cgroup");

  private final Path group;

  private ProcessorQuota(Path group) {
    this.group = group;
  }

  /**
   * Makes one.
   *
   * @param share of one processor
   * @return empty if this machine doesn't let us
   */
  static Optional<ProcessorQuota> of(double share) {
    String name = "howdah-benchmark-" + ProcessHandle.current().pid();
    int quota = (int) (share * PERIOD_MICROS);
    try {
      Path first = FIRST_VERSION.resolve(name);
      if (Files.exists(FIRST_VERSION.resolve("cpu.cfs_quota_us"))
          || Files.exists(FIRST_VERSION.resolve("cpu.shares"))) {
        Files.createDirectory(first);
        Files.writeString(first.resolve("cpu.cfs_period_us"), String.valueOf(PERIOD_MICROS));
        Files.writeString(first.resolve("cpu.cfs_quota_us"), String.valueOf(quota));
        return Optional.of(new ProcessorQuota(first));
      }
      Path second = SECOND_VERSION.resolve(name);
      Files.createDirectory(second);
      Files.writeString(second.resolve("cpu.max"), quota + " " + PERIOD_MICROS);
      return Optional.of(new ProcessorQuota(second));
    } catch (IOException notHere) {
      return Optional.empty();
    }
  }

  /** What runs a command inside: a shell that moves itself there and becomes the command. */
  List<String> around() {
    return List.of("sh", "-c", "echo $$ >\"$0\"/cgroup.procs && exec \"$@\"", group.toString());
  }

  @Override
  public void close() {
    try {
      // Its processes have ended; files in it go with it.
      Files.delete(group);
    } catch (IOException left) {
      throw new UncheckedIOException(left);
    }
  }
}
