package dev.howdah.plugins.metrics.catalogue;

import dev.howdah.plugins.metrics.query.MetricGroup;
import dev.howdah.plugins.metrics.query.MetricQuery;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/** The groups of metrics that the plugin has by itself. */
public enum BuiltIn {
  /** How far transaction ids are from their end, and what keeps old ones alive. */
  WRAPAROUND(
      Duration.ofMinutes(1), "How far transaction ids are from their end", Wraparound.queries()),
  /** Locks, who waits and how long the chains are. */
  LOCKS(Duration.ofSeconds(15), "Locks, who waits for them, chains of blocking", Locks.queries()),
  /** Transactions and sessions that last too long. */
  SESSIONS(
      Duration.ofSeconds(15),
      "Long transactions, idle ones, prepared ones, what sessions wait for",
      Sessions.queries()),
  /** What vacuum does and what it has yet to do. */
  VACUUM(Duration.ofMinutes(1), "Vacuum's progress and debt", Vacuum.queries()),
  /** Replication slots, and what WAL is kept for. */
  SLOTS(Duration.ofSeconds(30), "Replication slots, and what keeps WAL", Slots.queries()),
  /** Checkpoints, reads and writes, under the same names in every major. */
  IO(
      Duration.ofSeconds(30),
      "Checkpoints, reads and writes, under the same names in every major",
      Io.queries()),
  /** Estimates of space that tables and indexes take and don't need. */
  BLOAT(Duration.ofMinutes(30), "Space that isn't needed, estimated", Bloat.queries()),
  /** How far sequences are from their end. */
  SEQUENCES(Duration.ofMinutes(5), "Sequences that run out", Sequences.queries()),
  /** The statements that take the most time. */
  STATEMENTS(
      Duration.ofMinutes(1), "The statements that take the most time", Statements.queries(false));

  private final Duration interval;
  private final String title;
  private final List<MetricQuery> queries;

  BuiltIn(Duration interval, String title, List<MetricQuery> queries) {
    this.interval = interval;
    this.title = title;
    this.queries = queries;
  }

  /** What it is called in parameters and in the label {@code group}. */
  public String groupName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What it is about, for documentation. */
  public String title() {
    return title;
  }

  /**
   * The group, at the interval that holds unless a Cluster asks for another.
   *
   * @param withText whether statements have their text as a label
   */
  public MetricGroup group(boolean withText) {
    return new MetricGroup(
        groupName(), interval, this == STATEMENTS ? Statements.queries(withText) : queries);
  }
}
