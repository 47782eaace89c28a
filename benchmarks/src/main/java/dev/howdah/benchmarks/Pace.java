package dev.howdah.benchmarks;

import java.time.Duration;

/**
 * How long a run takes.
 *
 * @param rounds how often both sides of a comparison take turns
 * @param round how long one side's turn is
 * @param warmUp how long each side is called before anything counts, at least
 * @param longestWarmUp how long at most, if the compiler doesn't come to rest
 * @param starts how many processes are started for one figure
 * @param idle how long a host rests before its memory is read
 */
record Pace(
    int rounds,
    Duration round,
    Duration warmUp,
    Duration longestWarmUp,
    int starts,
    Duration idle) {

  /** In about two minutes, to see whether anything is far off. */
  static final Pace QUICK =
      new Pace(
          4,
          Duration.ofMillis(700),
          Duration.ofSeconds(2),
          Duration.ofSeconds(4),
          1,
          Duration.ofSeconds(2));

  /** In a quarter of an hour, for figures to publish. */
  static final Pace FULL =
      new Pace(
          10,
          Duration.ofMillis(1200),
          Duration.ofSeconds(6),
          Duration.ofSeconds(40),
          4,
          Duration.ofSeconds(5));
}
