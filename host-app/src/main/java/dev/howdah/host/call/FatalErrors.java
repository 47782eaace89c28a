package dev.howdah.host.call;

/**
 * Ends the process when the JVM can't be trusted any more. After an {@link OutOfMemoryError} any
 * thread may have been hit, a network thread as well as a plugin's, so going on would be guessing;
 * Kubernetes starts a new process within seconds.
 */
@FunctionalInterface
public interface FatalErrors {

  /** Ends this process at once, without shutdown hooks, which might need memory. */
  FatalErrors HALT = error -> Runtime.getRuntime().halt(3);

  /** Is told of an error after which the process can't go on. */
  void fatal(Throwable error);

  /** Whether a process can't go on after this. */
  static boolean isFatal(Throwable error) {
    return error instanceof OutOfMemoryError || error instanceof InternalError;
  }
}
