package dev.howdah.plugins.logging;

/**
 * A PostgreSQL parameter as it is in effect.
 *
 * @param name the parameter
 * @param value its value
 * @param source where it comes from, such as {@code user}, {@code preset standard}, {@code
 *     parameter slowQueries}, {@code until 2026-01-31T22:00:00Z: preset verbose}
 * @param byUser whether the user's own entry in the Cluster holds, so that the plugin leaves it
 */
public record EffectiveSetting(String name, String value, String source, boolean byUser) {}
