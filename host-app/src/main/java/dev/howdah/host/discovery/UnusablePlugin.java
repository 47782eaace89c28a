package dev.howdah.host.discovery;

import dev.howdah.host.catalog.Problem;

/** A plugin's class can't be made a plugin of. */
public final class UnusablePlugin extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Problem problem;

  UnusablePlugin(Problem problem) {
    super(problem.toString());
    this.problem = problem;
  }

  /** What is wrong with it. */
  public Problem problem() {
    return problem;
  }
}
