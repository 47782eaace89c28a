package dev.howdah.host.kubernetes;

import java.time.Duration;

/** Work that one replica does for all of them, again and again. */
public interface LeaderWork {

  /** A short name for logs and metrics, such as {@code deliveries}. */
  String name();

  /** How long to rest between two runs. */
  Duration interval();

  /**
   * Does it once. Interrupted when the replica ceases to be the leader or stops; what throws is
   * logged, counted and tried again after the interval.
   */
  void run() throws InterruptedException;

  /** Whether there is anything to do in this host at all; if not, nobody need be elected for it. */
  default boolean wanted() {
    return true;
  }

  /** The replica is no longer the leader: what it knew of the whole is another's to tell now. */
  default void ended() {}
}
