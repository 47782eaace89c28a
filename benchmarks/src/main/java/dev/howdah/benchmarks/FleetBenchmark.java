package dev.howdah.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * An operator with 200 Clusters that enable five plugins each, against two replicas behind one
 * Service: through a rolling restart of both, then through a rotation of all certificates that
 * reaches the operator 90 s before it reaches the hosts' files, as the kubelet's delay makes it.
 *
 * <p>No Cluster may notice, and the replicas' memory must stay where it is.
 */
final class FleetBenchmark implements Benchmark {

  private static final List<String> PLUGINS =
      List.of("audit", "configuration", "hello-world", "logging", "metrics");
  private static final int REPLICAS = 2;

  /** As the chart says it: {@code minReadySeconds}. */
  private static final Duration MIN_READY = Duration.ofSeconds(5);

  /** How long the kubelet may take to bring a changed Secret into a Pod, and then some. */
  private static final Duration KUBELET_DELAY = Duration.ofSeconds(90);

  private static final Duration LONG_ENOUGH_FOR_MEMORY = Duration.ofMinutes(5);
  private static final double MOST_GROWTH = 1.25;

  private final Path launcher;

  /**
   * Prepares it.
   *
   * @param launcher the launcher script
   */
  FleetBenchmark(Path launcher) {
    this.launcher = launcher;
  }

  @Override
  public String name() {
    return "fleet";
  }

  @Override
  public boolean runsUnasked() {
    return false;
  }

  @Override
  public boolean mustHold() {
    return true;
  }

  @Override
  public List<Row> run(Pace pace) {
    try {
      Path home = Files.createTempDirectory("howdah-fleet");
      try (FleetService service = new FleetService()) {
        return new Run(home, service, pace.fleet()).rows();
      } finally {
        Host.delete(home);
      }
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  /** One run from the first replica's start to the last one's end. */
  private final class Run {

    private final Path home;
    private final FleetService service;
    private final Pace.Fleet fleet;
    private final Duration duration;
    private final FleetTally tally = new FleetTally();
    private final FleetCertificates certificates;
    private final List<Replica> replicas = new ArrayList<>();
    private int started;
    private long begin;

    Run(Path home, FleetService service, Pace.Fleet fleet) {
      this.home = home;
      this.service = service;
      this.fleet = fleet;
      this.duration = fleet.duration();
      this.certificates = FleetCertificates.issue(home, names());
    }

    List<Row> rows() {
      try {
        for (int i = 0; i < REPLICAS; i++) {
          replicas.add(ready());
        }
        try (FleetOperator operator =
            new FleetOperator(
                names(), FleetClusters.make(fleet.clusters(), names()), fleet.loadLimit(), tally)) {
          operator.register(service.address(), certificates.operatorTls());
          service.onChange(operator::enqueueAll);
          begin = System.nanoTime();
          operator.start();
          return measured(operator);
        }
      } finally {
        replicas.forEach(Replica::close);
      }
    }

    private List<Row> measured(FleetOperator operator) {
      until(0.02);
      double rolling = rollingRestart();
      until(0.2);
      List<Memory> early = memory();
      double between = elapsed();
      until(0.4);
      certificates.renew();
      operator.register(service.address(), certificates.operatorTls());
      double lag = Math.min(KUBELET_DELAY.toSeconds(), duration.toSeconds() * 0.25);
      say("the operator has new certificates");
      pause(lag);
      certificates.bringToHosts();
      say("the hosts have new certificates");
      until(1);
      between = elapsed() - between;
      List<Memory> late = memory();
      operator.stop();
      return rows(rolling, lag, early, late, between);
    }

    private List<Row> rows(
        double rolling, double lag, List<Memory> early, List<Memory> late, double between) {
      List<Row> rows = new ArrayList<>();
      rows.add(
          Row.noted(
              "%d Clusters of %.0f kB × %d plugins, 10 workers, 2 replicas, %s min"
                  .formatted(
                      fleet.clusters(),
                      FleetClusters.KILOBYTES,
                      PLUGINS.size(),
                      Load.number(duration.toSeconds() / 60.0)),
              "%d loops, %d calls; loading the plugins p50 %s ms, p99 %s ms, longest %s ms; a loop"
                      .formatted(
                          tally.loops(),
                          tally.calls(),
                          Load.number(tally.loads(50)),
                          Load.number(tally.loads(99)),
                          Load.number(tally.loads(100)))
                  + " p50 %s ms, p99 %s ms"
                      .formatted(
                          Load.number(tally.loopTimes(50)), Load.number(tally.loopTimes(99))),
              ""));
      rows.add(
          atMost(
              "load time-outs (%d s for a Cluster's plugins), through a rolling restart (%.0f s) and a"
                      .formatted(fleet.loadLimit().toSeconds(), rolling)
                  + " rotation (operator %.0f s ahead of the hosts)".formatted(lag),
              tally.loadTimeouts(),
              0));
      rows.add(
          atMost(
              "failed loops: a plugin that couldn't be loaded, or a call that failed",
              tally.failures(),
              0));
      rows.add(
          new Row(
              "taking a connection from the pool",
              "%d of %d retried, each at most %d ×"
                  .formatted(tally.retriedAcquires(), tally.acquires(), tally.mostRetries()),
              "",
              "each ≤ %d ×".formatted(fleet.retries()),
              Verdict.atMost(tally.mostRetries(), fleet.retries(), "retries")));
      rows.add(atMost("EVALUATE answers that differ from an earlier one", tally.otherAnswers(), 0));
      for (int i = 0; i < REPLICAS; i++) {
        rows.add(memory(i, early.get(i), late.get(i), between));
      }
      tally.firstFailures().forEach(failure -> System.err.println("fleet: " + failure));
      return rows;
    }

    private Row memory(int i, Memory early, Memory late, double between) {
      double resident = late.resident() / early.resident();
      double heap = late.heap() / early.heap();
      boolean judged = between >= LONG_ENOUGH_FOR_MEMORY.toSeconds();
      return new Row(
          "memory of replica %d after a collection, %.0f s apart".formatted(i + 1, between),
          "RSS %s, then %s MiB; heap %s, then %s MiB"
              .formatted(
                  Load.number(early.resident()),
                  Load.number(late.resident()),
                  Load.number(early.heap()),
                  Load.number(late.heap())),
          "RSS × %s, heap × %s".formatted(Load.number(resident), Load.number(heap)),
          judged ? "each ≤ × " + Load.number(MOST_GROWTH) : "",
          judged
              ? Verdict.atMost(resident, MOST_GROWTH, "× of RSS")
                  .and(Verdict.atMost(heap, MOST_GROWTH, "× of heap"))
              : Verdict.NONE);
    }

    /** As a Deployment with {@code maxSurge: 1} and {@code maxUnavailable: 0} does it. */
    private double rollingRestart() {
      long start = System.nanoTime();
      for (Replica old : List.copyOf(replicas)) {
        replicas.add(ready());
        pause(MIN_READY.toSeconds());
        service.remove(old.grpcPort());
        say("replica %d of the first ones leaves".formatted(replicas.indexOf(old) + 1));
        old.stop();
        replicas.remove(old);
      }
      return (System.nanoTime() - start) / 1e9;
    }

    private Replica ready() {
      Replica replica =
          Replica.start(launcher, home.resolve("replica-" + started++), certificates, PLUGINS);
      replica.awaitReady();
      service.add(replica.grpcPort());
      say("a replica is ready");
      return replica;
    }

    private List<Memory> memory() {
      return replicas.stream().map(Replica::memory).toList();
    }

    private void until(double share) {
      pause(duration.toMillis() / 1e3 * share - elapsed());
    }

    private double elapsed() {
      return (System.nanoTime() - begin) / 1e9;
    }

    private void say(String what) {
      if (begin != 0) {
        System.err.printf("fleet: %.0f s: %s (%s)%n", elapsed(), what, tally);
      }
    }
  }

  /**
   * What a replica takes.
   *
   * @param resident resident memory in MiB
   * @param heap live objects in MiB
   */
  record Memory(double resident, double heap) {}

  private static List<String> names() {
    return PLUGINS.stream().map(id -> id + ".howdah.dev").sorted().toList();
  }

  private static Row atMost(String what, long count, long limit) {
    return new Row(
        what, String.valueOf(count), "", String.valueOf(limit), Verdict.atMost(count, limit, "×"));
  }

  private static void pause(double seconds) {
    try {
      TimeUnit.MILLISECONDS.sleep(Math.max(0, Math.round(seconds * 1e3)));
    } catch (InterruptedException stopped) {
      throw new IllegalStateException("Interrupted.", stopped);
    }
  }
}
