package dev.howdah.plugin;

/** How far a plugin has come, as its metadata tells users. */
public enum Maturity {
  /** Anything may change. */
  ALPHA,
  /** Works, and is still being learned from. */
  BETA,
  /** Ready for databases that matter. */
  STABLE
}
