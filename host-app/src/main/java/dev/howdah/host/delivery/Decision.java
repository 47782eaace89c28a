package dev.howdah.host.delivery;

import dev.howdah.host.delivery.LedgerEntry.TakenBack;
import dev.howdah.plugin.cluster.Cluster;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/**
 * What to do about one Cluster: a function of the Cluster, the wishes, the ledger and the clock.
 *
 * @param set what Howdah should hold: all wishes but those left to others
 * @param left what another manager took back twice
 * @param differing wishes that the Cluster doesn't have now, with what it has (empty if nothing)
 * @param entry the ledger as it should be, were nothing written now
 * @param step what to do
 */
record Decision(
    SortedMap<String, String> set,
    SortedMap<String, TakenBack> left,
    SortedMap<String, String> differing,
    LedgerEntry entry,
    Step step) {

  /** So many writes into one Cluster are allowed within {@link #PERIOD}. */
  static final int WRITES = 2;

  /** See {@link #WRITES}. */
  static final Duration PERIOD = Duration.ofHours(1);

  /** So often a parameter is taken back before it is left alone. */
  static final int PATIENCE = 2;

  /** What to do. */
  sealed interface Step {
    /** Nothing: all is as it should be. */
    record Rest() implements Step {}

    /** Apply the set. */
    record Write() implements Step {}

    /** Write later: too much was written lately. */
    record Wait(Instant until) implements Step {}
  }

  static Decision of(Cluster cluster, Map<String, String> wanted, LedgerEntry entry, Instant now) {
    Map<String, String> spec = cluster.postgresqlParameters();
    FieldOwners owners = FieldOwners.of(cluster);
    SortedSet<String> held = owners.held();
    SortedMap<String, String> set = new TreeMap<>();
    SortedMap<String, String> differing = new TreeMap<>();
    SortedMap<String, String> applied = new TreeMap<>();
    SortedMap<String, TakenBack> takenBack = new TreeMap<>();
    SortedMap<String, TakenBack> left = new TreeMap<>();
    wanted.forEach(
        (name, value) -> {
          boolean inPlace = value.equals(spec.get(name));
          TakenBack history = history(entry, name, value, inPlace, owners);
          if (history.times() > 0) {
            takenBack.put(name, history);
          }
          if (inPlace && held.contains(name)) {
            applied.put(name, value);
          }
          if (!inPlace) {
            differing.put(name, Optional.ofNullable(spec.get(name)).orElse(""));
          }
          if (!inPlace && history.times() >= PATIENCE) {
            left.put(name, history);
          } else {
            set.put(name, value);
          }
        });
    List<Instant> writes =
        entry.writes().stream().filter(time -> time.plus(PERIOD).isAfter(now)).toList();
    boolean change =
        set.keySet().stream().anyMatch(differing::containsKey)
            || held.stream().anyMatch(name -> !set.containsKey(name));
    return new Decision(
        set,
        left,
        differing,
        new LedgerEntry(entry.uid(), writes, applied, takenBack),
        step(change, writes));
  }

  private static TakenBack history(
      LedgerEntry entry, String name, String value, boolean inPlace, FieldOwners owners) {
    TakenBack before = entry.takenBack().get(name);
    TakenBack known =
        // Another value is another wish: whoever refused the old one may like it.
        before == null || !before.value().equals(value) ? new TakenBack(value, 0, "") : before;
    boolean gone = !inPlace && value.equals(entry.applied().get(name));
    return gone ? new TakenBack(value, known.times() + 1, owners.taker(name)) : known;
  }

  private static Step step(boolean change, List<Instant> writes) {
    if (!change) {
      return new Step.Rest();
    }
    return writes.size() < WRITES
        ? new Step.Write()
        : new Step.Wait(writes.stream().sorted().toList().get(writes.size() - WRITES).plus(PERIOD));
  }

  /** Whether the ledger says something else than it should. */
  boolean changes(LedgerEntry before) {
    return !entry.applied().equals(before.applied())
        || !entry.takenBack().equals(before.takenBack());
  }
}
