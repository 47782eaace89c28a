package dev.howdah.host.guard;

import dev.howdah.plugin.reconcile.Reconcile;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Lets answers of reconcile hooks through that mean to the operator what they mean to the plugin.
 */
public final class ReconcileGuard {

  /** Seconds that fit into the operator's 64-bit count of nanoseconds; more would turn negative. */
  private static final Duration LONGEST = Duration.ofSeconds(Long.MAX_VALUE / 1_000_000_000L);

  /**
   * Checks an answer.
   *
   * @param plugin name of the plugin
   * @param answer what its hook returned
   * @return the answer
   * @throws GuardViolation if there is none, or it asks for a delay that the operator can't keep
   */
  public Reconcile check(String plugin, @Nullable Reconcile answer) {
    return switch (answer) {
      case null ->
          throw new GuardViolation(
              plugin,
              GuardRule.ANSWER_MISSING,
              "its reconcile hook returned nothing; return Reconcile.proceed().");
      case Reconcile.Requeue requeue -> {
        checkDelay(plugin, requeue.after());
        yield requeue;
      }
      case Reconcile.Proceed proceed -> proceed;
      case Reconcile.Terminate terminate -> terminate;
    };
  }

  private static void checkDelay(String plugin, Duration after) {
    if (after.compareTo(Duration.ofSeconds(1)) < 0 || after.compareTo(LONGEST) > 0) {
      throw new GuardViolation(
          plugin,
          GuardRule.RECONCILE_DELAY,
          "it asks for the next loop after %s; ask for between one second and %d seconds."
              .formatted(after, LONGEST.toSeconds()));
    }
  }
}
