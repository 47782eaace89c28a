package dev.howdah.host.call;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * How often callers of one plugin are sent back to load it anew.
 *
 * <p>The operator takes a connection from its pool five times within some two seconds and then
 * gives up on the Cluster. After a restart of the host all five connections of its pool may be
 * stale: were each sent back, the Cluster would get an error. So of the attempts that lie close
 * together one is sent back; the other connections are when they are probed later. Thread-safe.
 */
final class ReloadPace {

  /** Longer than the operator's five attempts take: pauses of 10, 50, 250 and 1250 ms. */
  static final Duration INTERVAL = Duration.ofSeconds(3);

  private final InstantSource clock;
  private final Map<String, Instant> sentBack = new ConcurrentHashMap<>();

  ReloadPace(InstantSource clock) {
    this.clock = clock;
  }

  /** Whether a caller of the plugin may be sent back now; counts as done if so. */
  boolean allows(String pluginId) {
    Instant now = clock.instant();
    AtomicBoolean allowed = new AtomicBoolean();
    sentBack.compute(
        pluginId,
        (id, last) -> {
          allowed.set(last == null || !now.isBefore(last.plus(INTERVAL)));
          return last == null || allowed.get() ? now : last;
        });
    return allowed.get();
  }
}
