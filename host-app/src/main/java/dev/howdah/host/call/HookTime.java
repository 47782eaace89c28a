package dev.howdah.host.call;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** How long one call may go on, and whether anybody still waits for it. Thread-safe. */
final class HookTime {

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

  /** Has an action run when nobody waits any more, by whoever notices; so it must not block. */
  void onOver(Runnable action) {
    synchronized (actions) {
      if (!over) {
        actions.add(action);
        return;
      }
    }
    action.run();
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
    pending.forEach(Runnable::run);
  }
}
