package dev.howdah.host.guard;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes note of violations: counts each, logs the first of its kind. Thread-safe.
 *
 * <p>A faulty answer comes with every loop of every Cluster, so each is logged once per plugin,
 * rule and message. What was seen is remembered up to a limit; beyond it nothing more is logged,
 * and counting goes on.
 */
public final class GuardViolations {

  private static final Logger LOG = LoggerFactory.getLogger(GuardViolations.class);
  private static final int REMEMBERED = 1_000;

  private final MeterRegistry meters;
  private final Set<Seen> seen = ConcurrentHashMap.newKeySet();

  /**
   * Makes a recorder.
   *
   * @param meters where {@code howdah.guard.violations} with the tags {@code plugin} and {@code
   *     rule} is counted
   */
  public GuardViolations(MeterRegistry meters) {
    this.meters = meters;
  }

  /** Counts a violation, and logs it if it is the first of its plugin, rule and message. */
  public void record(GuardViolation violation) {
    Counter.builder("howdah.guard.violations")
        .description("Answers of plugins that were refused because they could do harm.")
        .tag("plugin", violation.plugin())
        .tag("rule", violation.rule().id())
        .register(meters)
        .increment();
    if (firstOfItsKind(violation)) {
      LOG.atWarn()
          .addKeyValue("plugin", violation.plugin())
          .addKeyValue("rule", violation.rule().id())
          .log("{} Further ones like it are only counted.", violation.getMessage());
    }
  }

  /** How many kinds are remembered. */
  int remembered() {
    return seen.size();
  }

  private boolean firstOfItsKind(GuardViolation violation) {
    return seen.size() < REMEMBERED
        && seen.add(
            new Seen(violation.plugin(), violation.rule(), String.valueOf(violation.getMessage())));
  }

  private record Seen(String plugin, GuardRule rule, String message) {}
}
