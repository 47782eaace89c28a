package dev.howdah.host.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What a sink counts, and whether its last attempt succeeded. Thread-safe. */
final class SinkMeter {

  private final Counter written;
  private final Counter dropped;
  private final Counter failed;
  private final LongSupplier lagNanos;
  private volatile @Nullable String problem;

  SinkMeter(MeterRegistry registry, String sink, LongSupplier lagNanos) {
    this.lagNanos = lagNanos;
    this.written =
        Counter.builder("howdah.audit.written")
            .description("Lines of the audit trail that a sink has taken")
            .tag("sink", sink)
            .register(registry);
    this.dropped =
        Counter.builder("howdah.audit.dropped")
            .description("Lines of the audit trail lost because a queue was full")
            .tag("sink", sink)
            .register(registry);
    this.failed =
        Counter.builder("howdah.audit.failed")
            .description("Lines of the audit trail that a sink could not take")
            .tag("sink", sink)
            .register(registry);
    Gauge.builder("howdah.audit.lag", this, meter -> meter.lagNanos.getAsLong() / 1e9)
        .description("How long the oldest unwritten line of the audit trail has waited")
        .baseUnit("seconds")
        .tag("sink", sink)
        .strongReference(true)
        .register(registry);
  }

  void written(int lines) {
    written.increment(lines);
    problem = null;
  }

  void dropped(int lines) {
    dropped.increment(lines);
  }

  void failed(int lines, String why) {
    failed.increment(lines);
    problem = why;
  }

  /** Notes a failure that will be tried again, so that nothing is lost yet. */
  void trouble(String why) {
    problem = why;
  }

  SinkHealth health() {
    String why = problem;
    return new SinkHealth(
        why == null, why == null ? "" : why, Duration.ofNanos(lagNanos.getAsLong()));
  }
}
