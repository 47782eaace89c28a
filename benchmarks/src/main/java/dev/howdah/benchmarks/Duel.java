package dev.howdah.benchmarks;

import java.util.ArrayList;
import java.util.List;

/**
 * Two sides of a comparison under the same load, in turns: whatever else the machine does meets
 * both alike.
 *
 * @param one the side that is compared
 * @param other what it is compared with
 */
record Duel(Runnable one, Runnable other) {

  /**
   * What came of it.
   *
   * @param one all turns of the one
   * @param other all turns of the other
   * @param microsMore by how much the one's p50 is longer: the median over the rounds
   * @param throughput the one's calls a second by the other's: the median over the rounds
   * @param median the one's p50 by the other's: the median over the rounds
   * @param tail the one's p99 by the other's, of all rounds
   */
  record Outcome(
      Load.Result one,
      Load.Result other,
      double microsMore,
      double throughput,
      double median,
      double tail) {}

  void warmUp(Pace pace, int callers) {
    Load.warmUp(other, callers, pace);
    Load.warmUp(one, callers, pace);
  }

  Outcome fight(Pace pace, int callers) {
    Load.Result ones = Load.Result.empty();
    Load.Result others = Load.Result.empty();
    List<Double> more = new ArrayList<>();
    List<Double> throughputs = new ArrayList<>();
    List<Double> medians = new ArrayList<>();
    for (int round = 0; round < pace.rounds(); round++) {
      // Who begins gains or loses by it, so they take turns at that, too.
      boolean first = round % 2 == 0;
      Load.Result early = Load.run(first ? one : other, callers, pace.round());
      Load.Result late = Load.run(first ? other : one, callers, pace.round());
      Load.Result mine = first ? early : late;
      Load.Result theirs = first ? late : early;
      more.add(mine.micros(50) - theirs.micros(50));
      throughputs.add(mine.perSecond() / theirs.perSecond());
      medians.add(mine.micros(50) / theirs.micros(50));
      ones = ones.plus(mine);
      others = others.plus(theirs);
    }
    return new Outcome(
        ones,
        others,
        Load.median(more),
        Load.median(throughputs),
        Load.median(medians),
        ones.micros(99) / others.micros(99));
  }
}
