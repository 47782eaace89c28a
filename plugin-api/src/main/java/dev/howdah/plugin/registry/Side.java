package dev.howdah.plugin.registry;

/** Which side of the protocol a host serves. */
public enum Side {
  /** Both, on one machine. */
  ALL,
  /** Beside the operator: Identity, Operator, Lifecycle, Reconciler. */
  OPERATOR,
  /** Inside the instance's Pod: Identity, WAL, Backup, RestoreJob, Postgres, Metrics. */
  INSTANCE
}
