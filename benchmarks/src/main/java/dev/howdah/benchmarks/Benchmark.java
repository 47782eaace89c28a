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
}
