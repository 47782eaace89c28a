package dev.howdah.host.delivery;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What must not be forgotten about one Cluster's deliveries, by any replica: it bounds how often is
 * written and knows what others take back.
 *
 * @param uid the Cluster's
 * @param writes when was written, as far as it still counts
 * @param applied what was applied and was there when last looked at, by parameter
 * @param takenBack what was not there any more, by parameter
 */
record LedgerEntry(
    String uid,
    List<Instant> writes,
    SortedMap<String, String> applied,
    SortedMap<String, TakenBack> takenBack) {

  /**
   * A parameter that another manager took back.
   *
   * @param value the value that was not wanted there
   * @param times how many times
   * @param by who did so last
   */
  record TakenBack(String value, int times, String by) {}

  LedgerEntry {
    writes = List.copyOf(writes);
    applied = Collections.unmodifiableSortedMap(new TreeMap<>(applied));
    takenBack = Collections.unmodifiableSortedMap(new TreeMap<>(takenBack));
  }

  static LedgerEntry empty(String uid) {
    return new LedgerEntry(uid, List.of(), new TreeMap<>(), new TreeMap<>());
  }

  boolean isEmpty() {
    return writes.isEmpty() && applied.isEmpty() && takenBack.isEmpty();
  }

  LedgerEntry withWrite(Instant time) {
    List<Instant> more = new ArrayList<>(writes);
    more.add(time);
    return new LedgerEntry(uid, more, applied, takenBack);
  }

  LedgerEntry withApplied(SortedMap<String, String> set) {
    return new LedgerEntry(uid, writes, set, takenBack);
  }
}
