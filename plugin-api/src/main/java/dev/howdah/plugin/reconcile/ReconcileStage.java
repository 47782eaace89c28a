package dev.howdah.plugin.reconcile;

/** Where in the operator's loop a hook runs. */
public enum ReconcileStage {
  /** In (almost) every loop, before failover handling. */
  PRE,
  /** At the end of a fully successful loop only. */
  POST
}
