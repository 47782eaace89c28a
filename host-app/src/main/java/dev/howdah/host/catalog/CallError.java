package dev.howdah.host.catalog;

import java.time.Instant;

/**
 * The last call of a plugin that failed.
 *
 * @param at when
 * @param rpc which, as {@code Service/Method}
 * @param cluster the Cluster it was about, or empty
 * @param message what the caller was told
 */
public record CallError(Instant at, String rpc, String cluster, String message) {}
