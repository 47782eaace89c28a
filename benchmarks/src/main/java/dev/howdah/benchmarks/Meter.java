package dev.howdah.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * What a piece of a program's work costs: time, processor time and memory of all its processes.
 * Memory that several share counts once. It is looked at every now and then, so the highest is at
 * least what is said; of a process that goes on afterwards the kernel knows it exactly.
 */
final class Meter {

  private static final int LOOK_MILLIS = 40;
  private static final double KIB_PER_MIB = 1024;

  private final ControlGroup group;
  private final Optional<Path> lasting;

  private Meter(ControlGroup group, Optional<Path> lasting) {
    this.group = group;
    this.lasting = lasting;
  }

  /** Of a program that is started for each piece of work. */
  static Meter of(ControlGroup group) {
    return new Meter(group, Optional.empty());
  }

  /** Of a program that runs all the time, as the only process in its group. */
  static Meter ofLasting(ControlGroup group, long process) {
    return new Meter(group, Optional.of(Path.of("/proc", String.valueOf(process))));
  }

  /**
   * A cost.
   *
   * @param seconds from the beginning to the end
   * @param processor seconds of processors
   * @param mebibytes the most memory at a time
   */
  record Cost(double seconds, double processor, double mebibytes) {}

  /** Work. */
  interface Work {
    /** Does it. */
    void run() throws IOException;
  }

  /** Does the work, and says what it cost. */
  Cost cost(Work work) throws IOException {
    if (lasting.isPresent()) {
      // Makes the kernel forget the highest, see proc(5).
      Files.writeString(lasting.get().resolve("clear_refs"), "5");
    }
    CountDownLatch done = new CountDownLatch(1);
    double[] most = {0};
    Thread looking = Thread.ofPlatform().daemon().name("memory").unstarted(() -> look(done, most));
    if (lasting.isEmpty()) {
      looking.start();
    }
    double processor = group.processorSeconds();
    long begin = System.nanoTime();
    try {
      work.run();
    } finally {
      done.countDown();
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    processor = group.processorSeconds() - processor;
    try {
      looking.join();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted.", stopped);
    }
    double mebibytes =
        lasting.isPresent() ? kibibytes(lasting.get().resolve("status"), "VmHWM:") : most[0];
    return new Cost(seconds, processor, mebibytes / KIB_PER_MIB);
  }

  private void look(CountDownLatch done, double[] most) {
    try {
      do {
        double now = 0;
        for (long process : group.processes()) {
          now += kibibytes(Path.of("/proc", String.valueOf(process), "smaps_rollup"), "Pss:");
        }
        most[0] = Math.max(most[0], now);
      } while (!done.await(LOOK_MILLIS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static double kibibytes(Path file, String name) {
    try {
      return Files.readAllLines(file).stream()
          .filter(line -> line.startsWith(name))
          .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException gone) {
      // It ended while we looked.
      return 0;
    }
  }
}
