package dev.howdah.benchmarks;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** What the operator experienced. Thread-safe. */
final class FleetTally {

  private static final int FAILURES_SHOWN = 10;
  private static final long LONGEST_NANOS = Duration.ofMinutes(5).toNanos();

  private final LongAdder calls = new LongAdder();
  private final LongAdder acquires = new LongAdder();
  private final LongAdder retriedAcquires = new LongAdder();
  private final LongAdder loadTimeouts = new LongAdder();
  private final LongAdder failures = new LongAdder();
  private final LongAdder otherAnswers = new LongAdder();
  private final AtomicInteger mostRetries = new AtomicInteger();
  private final Histogram loads = new ConcurrentHistogram(LONGEST_NANOS, 3);
  private final Histogram loops = new ConcurrentHistogram(LONGEST_NANOS, 3);
  private final ConcurrentLinkedQueue<String> firstFailures = new ConcurrentLinkedQueue<>();
  private final ConcurrentMap<String, ByteString> answers = new ConcurrentHashMap<>();

  void called() {
    calls.increment();
  }

  /** A connection was taken from the pool, or wasn't to be had. */
  void acquired(int retries) {
    acquires.increment();
    if (retries > 0) {
      retriedAcquires.increment();
      mostRetries.accumulateAndGet(retries, Math::max);
    }
  }

  void loaded(long nanos) {
    loads.recordValue(Math.min(nanos, LONGEST_NANOS));
  }

  void looped(long nanos) {
    loops.recordValue(Math.min(nanos, LONGEST_NANOS));
  }

  void loadTimedOut(String what) {
    loadTimeouts.increment();
    failed("load time-out: " + what);
  }

  void failed(String what) {
    failures.increment();
    if (firstFailures.size() < FAILURES_SHOWN) {
      firstFailures.add(what);
    }
  }

  /** An EVALUATE answer that isn't the same byte for byte each time would roll the Pod. */
  void answered(String question, ByteString patch) {
    ByteString before = answers.putIfAbsent(question, patch);
    if (before != null && !before.equals(patch)) {
      otherAnswers.increment();
    }
  }

  long calls() {
    return calls.sum();
  }

  long loops() {
    return loops.getTotalCount();
  }

  long acquires() {
    return acquires.sum();
  }

  long retriedAcquires() {
    return retriedAcquires.sum();
  }

  int mostRetries() {
    return mostRetries.get();
  }

  long loadTimeouts() {
    return loadTimeouts.sum();
  }

  /** Load time-outs among them. */
  long failures() {
    return failures.sum();
  }

  long otherAnswers() {
    return otherAnswers.sum();
  }

  /** How long loading the plugins of a Cluster took, in milliseconds. */
  double loads(double percentile) {
    return loads.getValueAtPercentile(percentile) / 1e6;
  }

  /** How long a loop took, in milliseconds. */
  double loopTimes(double percentile) {
    return loops.getValueAtPercentile(percentile) / 1e6;
  }

  List<String> firstFailures() {
    return List.copyOf(firstFailures);
  }

  @Override
  public String toString() {
    return "%d loops, %d calls, %d acquires retried, %d failures"
        .formatted(loops(), calls(), retriedAcquires(), failures());
  }
}
