package dev.howdah.plugin.reconcile;

import java.time.Duration;

/** What the operator shall do after a reconcile hook. */
public sealed interface Reconcile {

  /** Goes on: the next plugin, then the loop. Nearly always right. */
  static Reconcile proceed() {
    return Proceed.INSTANCE;
  }

  /**
   * Ends this loop and starts another one later.
   *
   * <p>From the hook before a Cluster's loop this <b>skips failover handling</b> too. A plugin that
   * has written something need not ask for it: the write starts the next loop by itself.
   *
   * @param after how long to wait; at least a second, in whole seconds
   * @throws IllegalArgumentException if it is shorter
   */
  static Reconcile requeue(Duration after) {
    return new Requeue(after);
  }

  /**
   * Ends this loop without another one. From the hook before a Cluster's loop this <b>skips
   * failover handling</b> until something else starts a loop.
   */
  static Reconcile terminate() {
    return Terminate.INSTANCE;
  }

  /** See {@link Reconcile#proceed()}. */
  enum Proceed implements Reconcile {
    /** The only one. */
    INSTANCE
  }

  /** See {@link Reconcile#requeue(Duration)}. */
  record Requeue(Duration after) implements Reconcile {
    /** Checks the duration. */
    public Requeue {
      if (after.toSeconds() < 1) {
        throw new IllegalArgumentException(
            "A requeue needs at least one second: the operator takes less for 'as soon as"
                + " possible'.");
      }
    }
  }

  /** See {@link Reconcile#terminate()}. */
  enum Terminate implements Reconcile {
    /** The only one. */
    INSTANCE
  }
}
