package dev.howdah.sanity;

/** How much weight a check carries, from the protocol's own words down to good advice. */
public enum Level {
  /** The protocol's text demands it. */
  MUST,
  /** CloudNativePG, as it is written today, misbehaves or breaks without it. */
  OPERATOR,
  /** The protocol or sound practice recommends it. */
  SHOULD,
  /** Worth doing; nothing breaks without it. */
  ADVICE;

  /**
   * Whether a check of this level is to be run when the given level is the least one asked for.
   *
   * @param least the weakest level that still counts
   */
  public boolean atLeast(Level least) {
    return ordinal() <= least.ordinal();
  }
}
