package dev.howdah.plugins.configuration.plan;

import java.util.Optional;

/**
 * What becomes of one parameter.
 *
 * @param name the parameter
 * @param before its value in the Cluster, else CloudNativePG's or PostgreSQL's default; empty if
 *     none is known
 * @param beforeIsDefault whether {@code before} is PostgreSQL's own, because the Cluster says
 *     nothing
 * @param value its value by this plan
 * @param source whose word it is
 * @param by who exactly: a policy's, plugin's or profile's name; empty for the others
 * @param rule why, in words
 * @param changes whether the value differs from the one before, however either is written
 * @param restart whether a change takes effect only when PostgreSQL starts anew
 */
public record PlannedParameter(
    String name,
    Optional<String> before,
    boolean beforeIsDefault,
    String value,
    Source source,
    String by,
    String rule,
    boolean changes,
    boolean restart) {

  /** Whose word it is; the first wins. */
  public enum Source {
    /** CloudNativePG fixes it. */
    FIXED,
    /** The user wrote it into the Cluster. */
    USER,
    /** A policy of the platform team requires it. */
    POLICY,
    /** A plugin for logging or auditing wants it. */
    LOGGING,
    /** The profile tunes it. */
    PROFILE,
    /** It is a default of CloudNativePG's. */
    OPERATOR
  }
}
