package dev.howdah.sanity;

/** Told what is going on while checks run; always called from the thread that runs them. */
public interface Progress {
  /** Nobody watches. */
  Progress NONE = new Progress() {};

  /**
   * A target is about to be tested.
   *
   * @param target where it listens
   * @param checks how many checks were chosen
   */
  default void started(Target target, int checks) {}

  /**
   * A check is about to run.
   *
   * @param check the check
   */
  default void running(Check check) {}

  /**
   * A check is done.
   *
   * @param result what came of it
   */
  default void finished(Result result) {}
}
