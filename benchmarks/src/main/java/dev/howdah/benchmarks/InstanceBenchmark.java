package dev.howdah.benchmarks;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Mode {@code instance} as it is beside a database: with a quarter of a processor, with a plugin
 * that the AOT cache doesn't know, and after a thousand calls.
 */
final class InstanceBenchmark implements Benchmark {

  private static final int CALLS = 1_000;
  private static final double SHARE = 0.25;
  private static final double MEBIBYTES = 128;

  private final Path launcher;

  /**
   * Prepares it.
   *
   * @param launcher the launcher script
   */
  InstanceBenchmark(Path launcher) {
    this.launcher = launcher;
  }

  private record Start(double ready, double processor, double idle, double worked, double calls) {}

  @Override
  public String name() {
    return "instance";
  }

  @Override
  public List<Row> run(Pace pace) {
    try {
      Path home = Files.createTempDirectory("howdah-instance");
      Path withDropIn = Files.createTempDirectory("howdah-instance");
      try {
        OutsidePlugin.pack(Files.createDirectories(withDropIn.resolve("drop-in")));
        List<Row> rows = new ArrayList<>();
        List<Start> whole = starts(home, pace, List.of());
        rows.add(row("all of a processor", whole, whole));
        rows.add(
            row("with a drop-in outside the cache", starts(withDropIn, pace, List.of()), whole));
        Optional<ProcessorQuota> quota = ProcessorQuota.of(SHARE);
        if (quota.isEmpty()) {
          rows.add(
              Row.noted("a quarter of a processor", "not measured: no control group here", ""));
          return rows;
        }
        try (ProcessorQuota quarter = quota.get()) {
          rows.add(
              row(
                  "a quarter of a processor (the kernel's quota: 25 of each 100 ms)",
                  starts(home, pace, quarter.around()),
                  whole));
          rows.add(
              row(
                  "a quarter of a processor, with a drop-in outside the cache",
                  starts(withDropIn, pace, quarter.around()),
                  whole));
        }
        return rows;
      } finally {
        Host.delete(home);
        Host.delete(withDropIn);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private List<Start> starts(Path home, Pace pace, List<String> around) {
    List<Start> starts = new ArrayList<>();
    for (int i = 0; i < pace.starts(); i++) {
      starts.add(start(home, pace, around));
    }
    return starts;
  }

  private Start start(Path home, Pace pace, List<String> around) {
    Path sockets = home.resolve("plugins");
    List<String> arguments =
        List.of("--mode=instance", "--home=" + home, "--plugin-path=" + sockets);
    try (LaunchedHost host = LaunchedHost.start(launcher, true, arguments, around)) {
      double processor = host.processorSeconds();
      if (Files.exists(home.resolve("drop-in"))
          && !Files.exists(sockets.resolve(OutsidePlugin.NAME))) {
        throw new IllegalStateException("The host doesn't serve the drop-in.");
      }
      TimeUnit.MILLISECONDS.sleep(pace.idle().toMillis());
      double idle = host.residentMebibytes();
      double calls = calls(sockets);
      return new Start(host.readySeconds(), processor, idle, host.residentMebibytes(), calls);
    } catch (InterruptedException stopped) {
      throw new IllegalStateException("Interrupted.", stopped);
    }
  }

  /** A thousand calls, over all sockets in turn; the median's time in milliseconds. */
  private static double calls(Path sockets) {
    List<ManagedChannel> channels = new ArrayList<>();
    try (var files = Files.list(sockets)) {
      files.map(Connections::socket).forEach(channels::add);
      List<Double> millis = new ArrayList<>();
      List<Runnable> calls = channels.stream().map(OperatorCalls::metadata).toList();
      for (int i = 0; i < CALLS; i++) {
        long begin = System.nanoTime();
        calls.get(i % calls.size()).run();
        millis.add((System.nanoTime() - begin) / 1e6);
      }
      return Load.median(millis);
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } finally {
      channels.forEach(ManagedChannel::shutdownNow);
    }
  }

  private static Row row(String what, List<Start> starts, List<Start> whole) {
    double worked = median(starts, Start::worked);
    return new Row(
        "mode instance, AOT cache, " + what,
        "ready %s s (processor %s s), RSS %s MiB, after 1,000 calls %s MiB; a call p50 %s ms"
            .formatted(
                Load.number(median(starts, Start::ready)),
                Load.number(median(starts, Start::processor)),
                Load.number(median(starts, Start::idle)),
                Load.number(worked),
                Load.number(median(starts, Start::calls))),
        starts == whole
            ? ""
            : "ready × %s, memory × %s"
                .formatted(
                    Load.number(median(starts, Start::ready) / median(whole, Start::ready)),
                    Load.number(median(starts, Start::idle) / median(whole, Start::idle))),
        "RSS ≤ 128 MiB",
        Verdict.atMost(worked, MEBIBYTES, "MiB"));
  }

  private static double median(List<Start> starts, ToDoubleFunction<Start> figure) {
    return Load.median(starts.stream().map(figure::applyAsDouble).toList());
  }
}
