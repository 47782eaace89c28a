package dev.howdah.plugins.objectstore.store;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Growing pauses between attempts, each chosen at random up to a limit that doubles, so that many
 * clients don't come back at the same moment. Not thread-safe.
 */
public final class Backoff {

  private final long longestMillis;
  private long limitMillis;

  /**
   * Makes the pauses.
   *
   * @param first upper limit of the first pause
   * @param longest upper limit of any pause
   */
  public Backoff(Duration first, Duration longest) {
    this.limitMillis = Math.max(1, first.toMillis());
    this.longestMillis = Math.max(1, longest.toMillis());
  }

  /** How long to wait this time. */
  public Duration next() {
    long limit = Math.min(limitMillis, longestMillis);
    limitMillis = Math.min(longestMillis, limitMillis * 2);
    return Duration.ofMillis(limit / 2 + ThreadLocalRandom.current().nextLong(limit / 2 + 1));
  }

  /**
   * Waits.
   *
   * @throws StoreException of kind {@code INTERRUPTED} if the thread is interrupted
   */
  public void pause() throws StoreException {
    try {
      Thread.sleep(next());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          StoreException.Kind.INTERRUPTED, "the call was given up while it waited", e);
    }
  }
}
