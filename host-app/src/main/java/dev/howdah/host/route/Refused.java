package dev.howdah.host.route;

import io.grpc.Status;

/**
 * Why a call reaches no plugin.
 *
 * @param reason for the metric: {@code unknown-plugin}, {@code server-name}, {@code header}
 * @param status the answer
 */
public record Refused(String reason, Status status) {}
