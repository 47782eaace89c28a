package dev.howdah.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.LongStream;

/**
 * What became of the processors' time since the machine started, in ticks: a virtual machine's
 * neighbours make absolute times longer, and nothing in it can help that.
 *
 * @param all all of it
 * @param stolen what other guests had
 */
record ProcessorTime(long all, long stolen) {

  /** The eighth column of {@code /proc/stat}, see proc(5). */
  private static final int STEAL = 7;

  /** Until now; nothing where the system doesn't tell. */
  static ProcessorTime now() {
    try {
      long[] ticks =
          Files.readAllLines(Path.of("/proc/stat")).stream()
              .filter(line -> line.startsWith("cpu "))
              .flatMapToLong(
                  line ->
                      Arrays.stream(line.substring(4).strip().split(" +"))
                          .mapToLong(Long::parseLong))
              .toArray();
      return ticks.length <= STEAL
          ? new ProcessorTime(0, 0)
          // The columns after it are parts of those before.
          : new ProcessorTime(LongStream.of(ticks).limit(STEAL + 1).sum(), ticks[STEAL]);
    } catch (IOException notLinux) {
      return new ProcessorTime(0, 0);
    }
  }

  /** The share of the time since then that other guests had, 0 to 1. */
  double stolenUntil(ProcessorTime later) {
    long passed = later.all - all;
    return passed <= 0 ? 0 : (double) (later.stolen - stolen) / passed;
  }
}
