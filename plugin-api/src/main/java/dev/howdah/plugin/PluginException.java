package dev.howdah.plugin;

import java.util.Objects;

/**
 * A hook's failure, with a kind that the host turns into one gRPC status code.
 *
 * <p>The message reaches the operator, which writes it into the Cluster's {@code
 * status.phaseReason} and starts the next loop whenever that text changes. So it should be
 * <b>stable</b>: the same failure gives the same text, without times, ids, counts or stack traces.
 * Details belong into the cause, which the host logs.
 */
public final class PluginException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What kind of failure it is. */
  public enum Kind {
    /** What was asked for does not exist, such as a WAL file that isn't in the archive. */
    NOT_FOUND,
    /** The request, the Cluster or the plugin's parameters are wrong; asking again won't help. */
    INVALID,
    /** Something has to be put right first, such as an archive that isn't empty. */
    PRECONDITION,
    /** A system that the plugin needs doesn't answer just now; asking again may help. */
    UNAVAILABLE,
    /** The end of what can be had was reached, such as the last WAL file of a timeline. */
    END_OF_STREAM,
    /** A fault of the plugin itself. */
    INTERNAL
  }

  private final Kind kind;

  /**
   * Makes a failure.
   *
   * @param kind what kind of failure it is
   * @param message what happened and what to do about it; stable
   */
  public PluginException(Kind kind, String message) {
    super(message);
    this.kind = Objects.requireNonNull(kind, "kind is null");
  }

  /**
   * Makes a failure that has a cause.
   *
   * @param kind what kind of failure it is
   * @param message what happened and what to do about it; stable
   * @param cause what led to it; logged by the host, never sent
   */
  public PluginException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind, "kind is null");
  }

  /** What kind of failure it is. */
  public Kind kind() {
    return kind;
  }
}
