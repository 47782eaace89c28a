package dev.howdah.host.catalog;

/** Where a plugin is in its life. */
public enum PluginState {
  /** Something that claims to be a plugin was found. */
  DISCOVERED,
  /** Its manifest and file have been checked; none of its code has run. */
  VERIFIED,
  /** It is being instantiated, asked what it does, and started. */
  STARTING,
  /** It serves. */
  READY,
  /** It is being stopped. */
  STOPPING,
  /** It has stopped in good order. */
  STOPPED,
  /** It was refused before any of its code ran. */
  REJECTED,
  /** It could not be started, or not be stopped. */
  FAILED;

  /** Whether a plugin can go on from here. */
  public boolean terminal() {
    return this == STOPPED || this == REJECTED || this == FAILED;
  }
}
