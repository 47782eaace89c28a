package dev.howdah.testkit;

import dev.howdah.plugin.reconcile.Reconcile;
import java.time.Duration;
import org.assertj.core.api.AbstractObjectAssert;

/** What the operator does after a reconcile hook. */
public final class ReconcileAnswer extends AbstractObjectAssert<ReconcileAnswer, Reconcile> {

  ReconcileAnswer(Reconcile actual) {
    super(actual, ReconcileAnswer.class);
  }

  /** It goes on with its loop. */
  public ReconcileAnswer proceeds() {
    return isEqualTo(Reconcile.proceed());
  }

  /** It ends the loop, failover handling included, and begins again later. */
  public ReconcileAnswer requeuesAfter(Duration after) {
    return isEqualTo(Reconcile.requeue(after));
  }

  /** It ends the loop, failover handling included. */
  public ReconcileAnswer terminates() {
    return isEqualTo(Reconcile.terminate());
  }
}
