package dev.howdah.host.guard;

import org.jspecify.annotations.Nullable;

/**
 * Makes a failure's message fit for the operator, which writes it into the Cluster's {@code
 * status.phaseReason}: a text that varies (times, ids, addresses of objects, stack traces) changes
 * the status with every attempt, and each change starts the next attempt at once.
 */
public final class StableMessage {

  private StableMessage() {}

  /**
   * One line of at most 500 characters, with what varies replaced.
   *
   * @param message what a plugin said; empty or absent is fine
   * @param otherwise what to say if it said nothing
   */
  public static String of(@Nullable String message, String otherwise) {
    throw new UnsupportedOperationException();
  }
}
