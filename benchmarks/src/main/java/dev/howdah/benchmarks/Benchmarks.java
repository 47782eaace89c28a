package dev.howdah.benchmarks;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The program that {@code benchmarks/run} starts. */
public final class Benchmarks {

  private static final String MINUTES = "--minutes=";

  private Benchmarks() {}

  /**
   * Runs them all, or those that are named, and prints their tables.
   *
   * <p>Ends with 1 if a benchmark whose targets must hold missed one.
   *
   * @param arguments the repository's root; then {@code --quick} for a short run, {@code
   *     --minutes=N} for how long the fleet runs, {@code --shared} for a small fleet on a machine
   *     that others use as well, {@code --write} to put the tables into the docs, and names of
   *     benchmarks
   */
  public static void main(String[] arguments) throws IOException {
    Path root = Path.of(arguments[0]);
    List<String> options = List.of(arguments).subList(1, arguments.length);
    Pace pace = pace(options);
    boolean held = true;
    List<String> names = options.stream().filter(option -> !option.startsWith("--")).toList();
    for (Benchmark benchmark : all(root)) {
      if (names.isEmpty() ? benchmark.runsUnasked() : names.contains(benchmark.name())) {
        long start = System.nanoTime();
        ProcessorTime before = ProcessorTime.now();
        List<Row> rows = benchmark.run(pace);
        System.err.printf("%s: %.0f s%n", benchmark.name(), secondsSince(start));
        String table =
            Report.markdown(
                rows,
                String.join(" ", commandLine(options, benchmark.name())),
                secondsSince(start),
                before.stolenUntil(ProcessorTime.now()));
        System.out.println(table);
        held &= !benchmark.mustHold() || rows.stream().allMatch(row -> row.verdict().held());
        if (options.contains("--write")) {
          Report.write(root.resolve("docs/performance.md"), benchmark.name(), table);
        }
      }
    }
    // Client threads would keep the process for a while.
    System.exit(held ? 0 : 1);
  }

  private static Pace pace(List<String> options) {
    Pace pace = options.contains("--quick") ? Pace.QUICK : Pace.FULL;
    Pace.Fleet fleet = options.contains("--shared") ? Pace.Fleet.SHARED : pace.fleet();
    return options.stream()
        .filter(option -> option.startsWith(MINUTES))
        .map(option -> Duration.ofMinutes(Long.parseLong(option.substring(MINUTES.length()))))
        .findFirst()
        .map(duration -> pace.with(fleet.during(duration)))
        .orElse(pace.with(fleet));
  }

  private static List<String> commandLine(List<String> options, String benchmark) {
    List<String> words = new ArrayList<>(List.of("benchmarks/run"));
    options.stream()
        .filter(option -> option.startsWith("--") && !option.equals("--write"))
        .forEach(words::add);
    words.add(benchmark);
    return words;
  }

  private static List<Benchmark> all(Path root) {
    return List.of(
        new StartUpBenchmark(root.resolve("howdah")),
        new InstanceBenchmark(root.resolve("howdah")),
        new HandshakeBenchmark(),
        new HostCostBenchmark(),
        new ManyPluginsBenchmark(),
        new IsolationBenchmark(),
        new MemoryExhaustion(),
        new FleetBenchmark(root.resolve("howdah")),
        new ObjectStoreBenchmark(root.resolve("howdah")));
  }

  private static double secondsSince(long start) {
    return Duration.ofNanos(System.nanoTime() - start).toMillis() / 1e3;
  }
}
