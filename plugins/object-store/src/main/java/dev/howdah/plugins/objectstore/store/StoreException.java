package dev.howdah.plugins.objectstore.store;

import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A store's failure. The message is stable: no request ids, no times. */
public final class StoreException extends IOException {

  private static final long serialVersionUID = 1L;

  /** What kind of failure it is. */
  public enum Kind {
    /** The store says that there is no such object. */
    NOT_FOUND,
    /** There is such an object already. */
    EXISTS,
    /** The object is no longer the one that was meant. */
    CHANGED,
    /** The store knows us and forbids it, or doesn't believe who we are. */
    DENIED,
    /** The bucket, container or directory is missing, or a setting can't be right. */
    MISCONFIGURED,
    /** There is no room. */
    FULL,
    /** The store can't be reached or can't serve just now; trying again may help. */
    UNAVAILABLE,
    /** The calling thread was interrupted. */
    INTERRUPTED
  }

  private final Kind kind;

  /**
   * Makes a failure.
   *
   * @param kind what kind of failure it is
   * @param message what happened, where; stable
   * @param cause what led to it, or null
   */
  public StoreException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = Objects.requireNonNull(kind, "kind is null");
  }

  /** What kind of failure it is. */
  public Kind kind() {
    return kind;
  }

  /** Whether trying again later may help. */
  public boolean isTransient() {
    return kind == Kind.UNAVAILABLE || kind == Kind.FULL;
  }
}
