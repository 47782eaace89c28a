package dev.howdah.benchmarks;

import java.time.Duration;
import java.util.List;

/**
 * How long a run takes.
 *
 * @param rounds how often both sides of a comparison take turns
 * @param round how long one side's turn is
 * @param warmUp how long each side is called before anything counts, at least
 * @param longestWarmUp how long at most, if the compiler doesn't come to rest
 * @param starts how many processes are started for one figure
 * @param idle how long a host rests before its memory is read
 * @param fleet the fleet
 * @param archives databases and their archives
 */
record Pace(
    int rounds,
    Duration round,
    Duration warmUp,
    Duration longestWarmUp,
    int starts,
    Duration idle,
    Fleet fleet,
    Archives archives) {

  /** In about two minutes, to see whether anything is far off. */
  static final Pace QUICK =
      new Pace(
          4,
          Duration.ofMillis(700),
          Duration.ofSeconds(2),
          Duration.ofSeconds(4),
          1,
          Duration.ofSeconds(2),
          Fleet.FULL.during(Duration.ofMinutes(3)),
          new Archives(1, 4, List.of(64, 128), List.of(2, 8)));

  /** In a quarter of an hour, for figures to publish. */
  static final Pace FULL =
      new Pace(
          10,
          Duration.ofMillis(1200),
          Duration.ofSeconds(6),
          Duration.ofSeconds(40),
          4,
          Duration.ofSeconds(5),
          Fleet.FULL,
          new Archives(3, 8, List.of(512, 1024, 4096), List.of(2, 8, 16)));

  /** The same with another fleet. */
  Pace with(Fleet other) {
    return new Pace(rounds, round, warmUp, longestWarmUp, starts, idle, other, archives);
  }

  /**
   * A fleet and the time that it gets.
   *
   * @param duration how long its operator works
   * @param clusters how many Clusters there are
   * @param loadLimit how long loading a Cluster's plugins may take
   * @param retries how often at most an attempt to take a connection may be repeated
   */
  record Fleet(Duration duration, int clusters, Duration loadLimit, int retries) {

    /** With the operator's own limit, and one retry by each of two replicas. */
    static final Fleet FULL = new Fleet(Duration.ofMinutes(10), 200, Duration.ofSeconds(5), 2);

    /** For a machine that others use as well, where nothing can be said about time. */
    static final Fleet SHARED = new Fleet(Duration.ofMinutes(10), 20, Duration.ofSeconds(60), 4);

    Fleet during(Duration other) {
      return new Fleet(other, clusters, loadLimit, retries);
    }
  }

  /**
   * Databases and their archives.
   *
   * @param rounds how often each program does the same
   * @param segments of WAL that are archived in a round
   * @param mebibytes sizes of the database; the first one is what speed is measured with
   * @param workers how many of them a base backup is made with; the first one is what speed is
   *     measured with
   */
  record Archives(int rounds, int segments, List<Integer> mebibytes, List<Integer> workers) {

    /** Copies the lists. */
    Archives {
      mebibytes = List.copyOf(mebibytes);
      workers = List.copyOf(workers);
    }
  }
}
