package dev.howdah.host.listen;

import java.time.Duration;

/**
 * How much a client may ask of the host before a plugin is involved.
 *
 * @param maxMessageBytes longest request; longer ones are answered {@code RESOURCE_EXHAUSTED}
 * @param maxHeaderBytes longest header list of a request
 * @param maxConnections open connections per listener; when they are in use, the oldest one that
 *     has not finished its handshake makes room, and else the new one is closed
 * @param maxCallsPerConnection calls in flight on one connection
 * @param handshakeTimeout time from accepting a connection to the first HTTP/2 frame; longer than
 *     0, at most 10 s
 * @param requestTimeout time from a call's headers to the last byte of its request, for calls with
 *     one request; longer ones are answered {@code DEADLINE_EXCEEDED}
 * @param keepAlive interval of the pings that find vanished clients
 */
public record ConnectionLimits(
    int maxMessageBytes,
    int maxHeaderBytes,
    int maxConnections,
    int maxCallsPerConnection,
    Duration handshakeTimeout,
    Duration requestTimeout,
    Duration keepAlive) {

  private static final Duration LONGEST_HANDSHAKE = Duration.ofSeconds(10);

  /** 4 MiB messages as in grpc-go, and far more connections than operators and instances open. */
  public static final ConnectionLimits DEFAULTS =
      new ConnectionLimits(
          4 * 1024 * 1024,
          16 * 1024,
          512,
          128,
          Duration.ofSeconds(10),
          Duration.ofSeconds(20),
          Duration.ofMinutes(5));

  /** Validates. */
  public ConnectionLimits {
    positive("longest message", maxMessageBytes);
    positive("longest header list", maxHeaderBytes);
    positive("number of connections", maxConnections);
    positive("number of calls per connection", maxCallsPerConnection);
    positive("handshake timeout", handshakeTimeout.toMillis());
    positive("request timeout", requestTimeout.toMillis());
    positive("keep-alive interval", keepAlive.toMillis());
    if (handshakeTimeout.compareTo(LONGEST_HANDSHAKE) > 0) {
      throw new IllegalArgumentException(
          "The handshake timeout is %s; it can be at most 10 s.".formatted(handshakeTimeout));
    }
  }

  private static void positive(String what, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(
          "The %s is %d; it must be more than 0.".formatted(what, value));
    }
  }
}
