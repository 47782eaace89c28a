package dev.howdah.plugin.postgres;

/**
 * Whose word counts when plugins want the same PostgreSQL parameter: the first layer here wins.
 * What the user wrote into the Cluster wins over all of them.
 */
public enum ParameterLayer {
  /** The platform team's policies. */
  POLICY,
  /** What logging and auditing need. */
  LOGGING,
  /** Tuning by profile. */
  PROFILE
}
