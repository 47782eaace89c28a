package dev.howdah.plugin.audit;

/**
 * The way into the host's audit trail; a plugin takes it as a constructor argument. What is
 * published carries the plugin's name, so no plugin can speak for another.
 *
 * <p>Thread-safe. May wait while the trail's queue is full and the host's policy is to block, so
 * publish from an observer, or accept that a hook waits.
 */
@FunctionalInterface
public interface AuditPublisher {

  /**
   * Hands an event to the trail. The host's rules decide whether and in how much detail it is kept,
   * and its redaction applies to everything in it. Never fails: what can't be kept is counted by
   * the host.
   *
   * @param event what happened, or is about to
   */
  void publish(AuditEvent event);

  /** Keeps nothing; for tests and for hosts without a trail. */
  static AuditPublisher none() {
    return event -> {};
  }
}
