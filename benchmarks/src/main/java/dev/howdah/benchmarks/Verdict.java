package dev.howdah.benchmarks;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Whether a target was reached.
 *
 * @param misses by how much it wasn't, one for each figure; empty if it was
 * @param judged false if there was no target
 */
record Verdict(List<String> misses, boolean judged) {

  /** There was no target. */
  static final Verdict NONE = new Verdict(List.of(), false);

  static Verdict atMost(double value, double limit, String unit) {
    return value <= limit ? met() : missed(value, limit, unit, "over");
  }

  static Verdict atLeast(double value, double limit, String unit) {
    return value >= limit ? met() : missed(value, limit, unit, "under");
  }

  /** Both must be reached. */
  Verdict and(Verdict other) {
    return new Verdict(
        Stream.concat(misses.stream(), other.misses.stream()).toList(), judged || other.judged);
  }

  /** False if a target was missed. */
  boolean held() {
    return misses.isEmpty();
  }

  private static Verdict met() {
    return new Verdict(List.of(), true);
  }

  private static Verdict missed(double value, double limit, String unit, String side) {
    return new Verdict(
        List.of(
            String.format(Locale.ROOT, "%s %s %s", number(Math.abs(value - limit)), unit, side)),
        true);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value);
  }

  @Override
  public String toString() {
    if (!judged) {
      return "";
    }
    return misses.isEmpty()
        ? "met"
        : misses.stream().collect(Collectors.joining(", ", "**not met**: ", ""));
  }
}
