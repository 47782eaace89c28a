package dev.howdah.host.listen;

/**
 * What the listeners report besides calls.
 *
 * <p>Called on network and handshake threads, from several at once: implementations must be
 * thread-safe and must not block.
 */
public interface ListenEvents {
  /** Ignores everything. */
  ListenEvents NONE = new ListenEvents() {};

  /**
   * A connection was turned away.
   *
   * @param listener {@code tcp}, {@code socket} or {@code https}
   * @param reason why
   */
  default void refused(String listener, Refusal reason) {}

  /**
   * Certificates were read for the first time, were replaced, could not be replaced, or could be
   * again.
   *
   * @param status what is in use now, and the problem if there is one
   */
  default void tlsChanged(TlsStatus status) {}
}
