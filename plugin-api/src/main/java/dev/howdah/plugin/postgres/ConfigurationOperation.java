package dev.howdah.plugin.postgres;

/** What PostgreSQL's configuration is written for. */
public enum ConfigurationOperation {
  /**
   * {@code initdb}: the user's settings and the operator's defaults, without the mandatory ones.
   */
  INIT,
  /** Recovery from a backup. */
  RESTORE,
  /** The instance's reconcile loop, on every instance, every time. */
  RECONCILE,
  /** A major upgrade. */
  UPGRADE
}
