package dev.howdah.plugins.configuration;

/** When a change is written that makes CloudNativePG restart the instances. */
public enum ApplyRestart {
  /** Never: it is only reported. */
  NEVER,
  /** At once. */
  NOW,
  /** In the maintenance window. */
  WINDOW
}
