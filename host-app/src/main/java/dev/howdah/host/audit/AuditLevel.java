package dev.howdah.host.audit;

/** How much of an entry is kept; each level holds all of those before it. */
public enum AuditLevel {
  /** Nothing. */
  NONE,
  /** Who, what, when and how it ended. */
  METADATA,
  /** Also what was asked for or published, and the fields a change touched; redacted. */
  REQUEST,
  /** Also what was answered; redacted. */
  REQUEST_RESPONSE;

  boolean holds(AuditLevel other) {
    return compareTo(other) >= 0;
  }
}
