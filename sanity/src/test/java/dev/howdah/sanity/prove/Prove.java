package dev.howdah.sanity.prove;

import dev.howdah.sanity.Check;
import dev.howdah.sanity.Options;
import dev.howdah.sanity.Progress;
import dev.howdah.sanity.Report;
import dev.howdah.sanity.Result;
import dev.howdah.sanity.Sanity;
import dev.howdah.sanity.Status;
import dev.howdah.sanity.check.Catalogue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Runs the tool once for each switch of the faulty program and once for each way to reach it with
 * all switches off. A switch is proven when exactly its own check and the listed consequences fail;
 * a check without a proven switch doesn't count, and makes this fail.
 */
public final class Prove {
  private static final int AT_ONCE = 2;

  private final Path binary;

  private Prove(Path binary) {
    this.binary = binary;
  }

  /** One switch, as the faulty program lists it. */
  private record Switch(
      String id, String where, List<String> run, String wire, Set<String> follows) {
    Set<String> expected() {
      Set<String> all = new TreeSet<>(follows);
      if (!id.isEmpty()) {
        all.add(id);
      }
      return all;
    }
  }

  /** What came of one run. */
  private record Outcome(
      Switch tried, Set<String> failed, Map<String, Result> results, long millis) {
    boolean proven() {
      return failed.equals(tried.expected());
    }
  }

  /**
   * Proves all checks.
   *
   * @param arguments path of the faulty program, then ids of switches to try, or none for all
   */
  public static void main(String[] arguments) throws Exception {
    Path binary = Path.of(arguments[0]).toAbsolutePath();
    List<String> only = Arrays.asList(arguments).subList(1, arguments.length);
    System.exit(new Prove(binary).run(only) ? 0 : 1);
  }

  private boolean run(List<String> only) throws Exception {
    long start = System.nanoTime();
    List<Switch> switches = switches();
    Set<String> checks =
        Catalogue.all().stream().map(Check::id).collect(Collectors.toCollection(TreeSet::new));
    List<Outcome> off = new ArrayList<>();
    if (only.isEmpty()) {
      for (String where : List.of("socket", "tcp", "host")) {
        Outcome outcome = prove(new Switch("", where, List.of(), "nothing", Set.of()));
        off.add(outcome);
        System.out.println(row(outcome));
      }
    }
    List<Outcome> outcomes = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
      List<Future<Outcome>> futures = new ArrayList<>();
      for (Switch each : switches) {
        if (only.isEmpty() || only.contains(each.id)) {
          futures.add(threads.submit(() -> twice(each)));
        }
      }
      for (Future<Outcome> future : futures) {
        Outcome outcome = future.get();
        outcomes.add(outcome);
        System.out.println(row(outcome));
      }
    }
    long proven = outcomes.stream().filter(Outcome::proven).count();
    boolean clean = off.stream().allMatch(Outcome::proven);
    Set<String> never = neverPassed(off);
    System.out.printf(
        "%n%d checks, %d proven switches%s; %d s%n",
        only.isEmpty() ? checks.size() : outcomes.size(),
        proven,
        off.isEmpty()
            ? ""
            : "; with all switches off " + (clean ? "nothing" : "something") + " fails",
        Duration.ofNanos(System.nanoTime() - start).toSeconds());
    if (!only.isEmpty()) {
      return proven == outcomes.size();
    }
    if (!never.isEmpty()) {
      System.out.println("never passed with all switches off, only skipped: " + never);
    }
    Set<String> without = new TreeSet<>(checks);
    switches.forEach(each -> without.remove(each.id));
    if (!without.isEmpty()) {
      System.out.println("checks without a switch: " + without);
    }
    return clean && never.isEmpty() && proven == checks.size();
  }

  /** Checks that were skipped in every run with all switches off: their passing is unproven. */
  private static Set<String> neverPassed(List<Outcome> off) {
    Set<String> never = new TreeSet<>();
    if (!off.isEmpty()) {
      Catalogue.all().forEach(check -> never.add(check.id()));
      off.forEach(
          outcome ->
              outcome.results.forEach(
                  (id, result) -> {
                    if (result.status() == Status.PASSED) {
                      never.remove(id);
                    }
                  }));
    }
    return never;
  }

  private List<Switch> switches() throws IOException, InterruptedException {
    Process process = new ProcessBuilder(binary.toString(), "--list").start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("the faulty program does not list its switches");
    }
    return text.lines()
        .map(line -> line.split("\t", -1))
        .map(
            cells ->
                new Switch(
                    cells[0],
                    cells[1],
                    List.of(cells[2].split(",")),
                    cells[3],
                    cells[4].isEmpty() ? Set.of() : Set.of(cells[4].split(","))))
        .toList();
  }

  /**
   * Times matter to some switches, and a busy machine keeps none: one that is not proven gets a
   * second chance, in sight of the reader. With all switches off there is no second chance.
   */
  private Outcome twice(Switch tried) throws Exception {
    Outcome first = prove(tried);
    if (first.proven()) {
      return first;
    }
    System.out.println("  not proven, once more: " + tried.id);
    return prove(tried);
  }

  private Outcome prove(Switch tried) throws Exception {
    long start = System.nanoTime();
    try (FaultyPlugin plugin = new FaultyPlugin(binary, tried.where, tried.id)) {
      Options options =
          Options.defaults()
              .withInclude(tried.run)
              .withDestructive(true)
              .withBadParameters(Map.of("image", "not an image!"))
              .withUnreachable(Map.of("store", "unreachable"))
              .withTimeout(Duration.ofSeconds(8))
              .withIdle(Duration.ofSeconds(1))
              .withScratch(plugin.scratch())
              .withPgdata(plugin.pgdata())
              .withRotate(tried.where.equals("tcp") ? plugin.rotate() : "")
              .withStart(starts(tried) ? plugin.start() : "");
      List<Report> reports = Sanity.run(plugin.targets(), options, Progress.NONE);
      Map<String, Result> results =
          reports.getFirst().results().stream()
              .collect(Collectors.toMap(result -> result.check().id(), result -> result));
      Set<String> failed = new TreeSet<>();
      for (Report report : reports) {
        for (Result result : report.results()) {
          if (result.status() == Status.FAILED) {
            failed.add(result.check().id());
            if (!tried.expected().contains(result.check().id())) {
              System.out.printf(
                  "  unexpected with switch '%s' (%s): %s %s%n",
                  tried.id, tried.where, result.check().id(), result.findings());
            }
          }
        }
      }
      for (String id : tried.expected()) {
        Result result = results.get(id);
        if (!failed.contains(id) && result != null) {
          System.out.printf(
              "  with switch '%s': %s is %s %s%n",
              tried.id, id, result.status(), result.findings());
        }
      }
      return new Outcome(tried, failed, results, (System.nanoTime() - start) / 1_000_000);
    }
  }

  /** Starting anew is slow and replaces the program under test, so only its own switch does it. */
  private static boolean starts(Switch tried) {
    return tried.id.isEmpty() && tried.where.equals("socket") || tried.run.contains("SOCK-03");
  }

  private static String row(Outcome outcome) {
    return String.format(
        "%-6s | %5d ms | %-8s | %-66s | %s",
        outcome.proven() ? "proven" : "NOT",
        outcome.millis,
        outcome.tried.id.isEmpty() ? "(none)" : outcome.tried.id,
        outcome.tried.wire + (outcome.tried.id.isEmpty() ? ", over " + outcome.tried.where : ""),
        outcome.failed.isEmpty() ? "-" : String.join(", ", outcome.failed));
  }
}
