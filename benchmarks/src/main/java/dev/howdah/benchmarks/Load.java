package dev.howdah.benchmarks;

import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.HdrHistogram.Histogram;

/**
 * Closed-loop load: some callers that each make one call after the other, as the operator's workers
 * do.
 */
final class Load {

  private static final long LONGEST_NANOS = Duration.ofMinutes(2).toNanos();
  private static final int DIGITS = 3;
  private static final Duration WINDOW = Duration.ofSeconds(2);

  /** The share of the time that a compiler at rest still takes. */
  private static final double AT_REST = 0.02;

  private Load() {}

  /**
   * What a load found.
   *
   * @param latencies of each call, in nanoseconds
   * @param seconds how long it took
   */
  record Result(Histogram latencies, double seconds) {

    double perSecond() {
      return latencies.getTotalCount() / seconds;
    }

    double micros(double percentile) {
      return latencies.getValueAtPercentile(percentile) / 1e3;
    }

    double millis(double percentile) {
      return latencies.getValueAtPercentile(percentile) / 1e6;
    }

    static Result empty() {
      return new Result(new Histogram(LONGEST_NANOS, DIGITS), 0);
    }

    /** Both together. */
    Result plus(Result other) {
      Histogram sum = latencies.copy();
      sum.add(other.latencies);
      return new Result(sum, seconds + other.seconds);
    }
  }

  /**
   * Calls until the compiler has come to rest: while it works, it takes one of two processors.
   *
   * @param call makes one call and returns when it is answered
   * @param callers how many at a time
   * @param pace how long at least and at most
   */
  static void warmUp(Runnable call, int callers, Pace pace) {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    run(call, callers, pace.warmUp());
    long end = System.nanoTime() + pace.longestWarmUp().minus(pace.warmUp()).toNanos();
    long before = compiler.getTotalCompilationTime();
    while (System.nanoTime() < end) {
      run(call, callers, WINDOW);
      long now = compiler.getTotalCompilationTime();
      if (now - before < WINDOW.toMillis() * AT_REST) {
        return;
      }
      before = now;
    }
  }

  /**
   * Calls again and again.
   *
   * @param call makes one call and returns when it is answered
   * @param callers how many at a time
   * @param duration how long
   * @throws IllegalStateException if a call fails
   */
  static Result run(Runnable call, int callers, Duration duration) {
    long begin = System.nanoTime();
    long end = begin + duration.toNanos();
    if (callers == 1) {
      Histogram latencies = loop(call, end);
      return new Result(latencies, (System.nanoTime() - begin) / 1e9);
    }
    Histogram sum = new Histogram(LONGEST_NANOS, DIGITS);
    try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
      List<Future<Histogram>> parts = new ArrayList<>();
      for (int i = 0; i < callers; i++) {
        parts.add(threads.submit(() -> loop(call, end)));
      }
      for (Future<Histogram> part : parts) {
        sum.add(part.get());
      }
    } catch (InterruptedException | ExecutionException failed) {
      throw new IllegalStateException("A call failed while it was measured.", failed);
    }
    return new Result(sum, (System.nanoTime() - begin) / 1e9);
  }

  private static Histogram loop(Runnable call, long end) {
    Histogram latencies = new Histogram(LONGEST_NANOS, DIGITS);
    long now = System.nanoTime();
    while (now < end) {
      call.run();
      long after = System.nanoTime();
      latencies.recordValue(Math.min(after - now, LONGEST_NANOS));
      now = after;
    }
    return latencies;
  }

  /** A number as the table shows it: three digits that mean something. */
  static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 100 ? "%.1f" : "%.0f", value);
  }

  static double median(List<Double> values) {
    List<Double> sorted = values.stream().sorted().toList();
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }
}
