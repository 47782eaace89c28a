package dev.howdah.benchmarks;

import java.util.List;

/** One comparison. */
interface Benchmark {

  /** Its name on the command line. */
  String name();

  /**
   * Measures.
   *
   * @param pace how long it may take
   * @return lines for the table
   */
  List<Row> run(Pace pace);

  /** Whether it runs when no benchmark is named. */
  default boolean runsUnasked() {
    return true;
  }

  /** Whether a target that is missed is a failure of the whole run, not a figure to look at. */
  default boolean mustHold() {
    return false;
  }
}
