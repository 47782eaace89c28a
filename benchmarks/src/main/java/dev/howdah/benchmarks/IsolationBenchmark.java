package dev.howdah.benchmarks;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.reconcile.ClusterReconcileHook;
import dev.howdah.plugin.reconcile.Reconcile;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;

/** How one plugin fares while another has every thread of its own occupied. */
final class IsolationBenchmark implements Benchmark {

  private static final String GOOD = "good.howdah.dev";
  private static final String BAD = "bad.howdah.dev";
  private static final int SLOTS = 8;
  private static final double SLEEPING_LIMIT = 1.1;
  private static final double SPINNING_LIMIT = 3;

  @Override
  public String name() {
    return "isolation";
  }

  @Override
  public List<Row> run(Pace pace) {
    Sleeper sleeper = new Sleeper();
    Spinner spinner = new Spinner();
    List<Row> rows = new ArrayList<>();
    rows.add(
        compare(
            "p99 of plugin B's Pre while A sleeps in all 8 threads",
            sleeper,
            "p99 ≤ × 1.10",
            SLEEPING_LIMIT,
            pace));
    rows.add(
        compare(
            "p99 of plugin B's Pre while A spins in all 8 threads, ignoring interrupts, once the"
                + " host has noticed",
            spinner,
            "p99 ≤ × 3",
            SPINNING_LIMIT,
            pace));
    return rows;
  }

  private static Row compare(
      String what, Misbehaviour misbehaviour, String target, double limit, Pace pace) {
    try (Host host =
        Host.with(
            builder ->
                builder
                    .classPathPlugins("dev.howdah.none")
                    .property("howdah.limits.deadlines.pre", "0")
                    .plugin("good", new PlainPlugin(GOOD, context -> Reconcile.proceed()))
                    .plugin("bad", new PlainPlugin(BAD, misbehaviour)))) {
      Runnable call = OperatorCalls.pre(host.tcp(GOOD), GOOD);
      Load.warmUp(call, 1, pace);
      Load.Result alone = Load.Result.empty();
      Load.Result unnoticed = Load.Result.empty();
      Load.Result disturbed = Load.Result.empty();
      for (int round = 0; round < pace.rounds(); round++) {
        alone = alone.plus(Load.run(call, 1, pace.round()));
        ManagedChannel bad = host.tcp(BAD);
        misbehaviour.begin(bad);
        if (!misbehaviour.noticed().isZero()) {
          unnoticed = unnoticed.plus(Load.run(call, 1, misbehaviour.noticed()));
        }
        disturbed = disturbed.plus(Load.run(call, 1, pace.round()));
        misbehaviour.end();
        host.release(bad);
      }
      double ratio = disturbed.micros(99) / alone.micros(99);
      return new Row(
          what,
          "%s µs, alone %s µs; p50 %s and %s µs%s"
              .formatted(
                  Load.number(disturbed.micros(99)),
                  Load.number(alone.micros(99)),
                  Load.number(disturbed.micros(50)),
                  Load.number(alone.micros(50)),
                  misbehaviour.noticed().isZero()
                      ? ""
                      : "; in the first %d s p99 %s µs, p50 %s µs"
                          .formatted(
                              misbehaviour.noticed().toSeconds(),
                              Load.number(unnoticed.micros(99)),
                              Load.number(unnoticed.micros(50)))),
          "p99 × %s, p50 × %s"
              .formatted(Load.number(ratio), Load.number(disturbed.micros(50) / alone.micros(50))),
          target,
          Verdict.atMost(ratio, limit, "×"));
    }
  }

  /** A hook that takes all of its plugin's threads from begin to end. */
  private abstract static class Misbehaviour implements ClusterReconcileHook {

    private final Semaphore inside = new Semaphore(0);
    private final Semaphore outside = new Semaphore(0);

    @Override
    public Reconcile reconcile(HookContext context) {
      inside.release();
      misbehave();
      outside.release();
      return Reconcile.proceed();
    }

    void begin(ManagedChannel channel) {
      for (int i = 0; i < SLOTS; i++) {
        // Nobody waits for the answer.
        var unused = ReconcilerHooksGrpc.newFutureStub(channel).pre(OperatorCalls.preRequest(BAD));
      }
      inside.acquireUninterruptibly(SLOTS);
    }

    void end() {
      stop();
      outside.acquireUninterruptibly(SLOTS);
    }

    /** After how long the host has done something about it; zero if it need not. */
    abstract Duration noticed();

    abstract void misbehave();

    abstract void stop();
  }

  private static final class Sleeper extends Misbehaviour {
    private final Semaphore awake = new Semaphore(0);

    @Override
    Duration noticed() {
      return Duration.ZERO;
    }

    @Override
    void misbehave() {
      awake.acquireUninterruptibly();
    }

    @Override
    void stop() {
      awake.release(SLOTS);
    }
  }

  private static final class Spinner extends Misbehaviour {
    private final AtomicBoolean spinning = new AtomicBoolean();

    @Override
    Duration noticed() {
      // Eight threads share two processors until each has used a second, as a plugin's first may.
      return Duration.ofSeconds(5);
    }

    @Override
    void begin(ManagedChannel channel) {
      spinning.set(true);
      super.begin(channel);
    }

    @Override
    void misbehave() {
      while (spinning.get()) {
        // Not even Thread.onSpinWait: the worst there is.
      }
    }

    @Override
    void stop() {
      spinning.set(false);
    }
  }
}
