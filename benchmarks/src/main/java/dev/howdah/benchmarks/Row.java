package dev.howdah.benchmarks;

/**
 * One line of the table.
 *
 * @param what what was measured
 * @param measured the figures, with units
 * @param ratio the comparison that holds on other machines; empty if there is nothing to compare
 * @param target what must be reached; empty if nothing must
 * @param verdict whether it was reached
 */
record Row(String what, String measured, String ratio, String target, Verdict verdict) {

  static Row noted(String what, String measured, String ratio) {
    return new Row(what, measured, ratio, "", Verdict.NONE);
  }
}
