package dev.howdah.host.call;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How long one call may go on, and whether anybody still waits for it. Thread-safe. */
final class HookTime {

  private static final Logger LOG = LoggerFactory.getLogger(HookTime.class);

  private final Optional<Duration> limit;
  private final long begin = System.nanoTime();
  private final List<Runnable> actions = new ArrayList<>();
  private volatile boolean over;

  HookTime(Optional<Duration> limit) {
    this.limit = limit;
  }

  Optional<Duration> limit() {
    return limit;
  }

  Optional<Duration> remaining() {
    return limit.map(
        duration -> {
          Duration left = duration.minusNanos(System.nanoTime() - begin);
          return left.isNegative() || over ? Duration.ZERO : left;
        });
  }

  boolean isOver() {
    return over;
  }

  void onOver(Runnable action) {
    synchronized (actions) {
      if (!over) {
        actions.add(action);
        return;
      }
    }
    run(action);
  }

  /** Nobody waits any more: runs what was registered. */
  void end() {
    List<Runnable> pending;
    synchronized (actions) {
      if (over) {
        return;
      }
      over = true;
      pending = List.copyOf(actions);
      actions.clear();
    }
    pending.forEach(HookTime::run);
  }

  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      LOG.warn("A plugin's action on cancellation failed.", e);
    }
  }
}
