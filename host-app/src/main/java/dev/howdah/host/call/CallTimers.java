package dev.howdah.host.call;

import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The timers of calls, by plugin, service, method and status code. Thread-safe. */
final class CallTimers {

  private record Key(String plugin, String service, String method, Status.Code code) {}

  /**
   * From a cached answer to the operator's own limit of 30 s; few, since they come for every plugin
   * and method.
   */
  private static final Duration[] BUCKETS =
      Stream.of(1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)
          .map(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry meters;
  private final ConcurrentMap<Key, Timer> timers = new ConcurrentHashMap<>();

  CallTimers(MeterRegistry meters) {
    this.meters = meters;
  }

  void record(String plugin, String service, String method, Status.Code code, long nanos) {
    timers
        .computeIfAbsent(new Key(plugin, service, method, code), this::timer)
        .record(nanos, TimeUnit.NANOSECONDS);
  }

  private Timer timer(Key key) {
    return Timer.builder("howdah.calls")
        .description("Calls of hosted plugins")
        .tag("plugin", key.plugin())
        .tag("service", key.service())
        .tag("method", key.method())
        .tag("code", key.code().name())
        .serviceLevelObjectives(BUCKETS)
        .register(meters);
  }
}
