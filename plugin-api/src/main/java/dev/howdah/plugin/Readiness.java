package dev.howdah.plugin;

/** Whether a plugin can do its work just now. */
public sealed interface Readiness {

  /** It can. */
  static Readiness ready() {
    return Ready.INSTANCE;
  }

  /**
   * It can't.
   *
   * @param reason why, in stable words
   */
  static Readiness notReady(String reason) {
    return new NotReady(reason);
  }

  /** See {@link Readiness#ready()}. */
  enum Ready implements Readiness {
    /** The only one. */
    INSTANCE
  }

  /** See {@link Readiness#notReady(String)}. */
  record NotReady(String reason) implements Readiness {}
}
