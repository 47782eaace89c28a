package dev.howdah.plugins.metrics;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugins.metrics.query.MetricGroup;
import dev.howdah.plugins.metrics.query.MetricQuery;
import dev.howdah.plugins.metrics.query.RowReader;
import dev.howdah.plugins.metrics.query.Scope;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Collects what is due for one Cluster and remembers it for scrapes. Collecting is for one thread
 * at a time; scrapes are for any, and never wait.
 *
 * <p>A statement that fails takes its own values away and no others; they are back with the next
 * collection that works. Values of a group that hasn't been collected for three intervals are left
 * out: old values that look new are worse than none.
 */
final class Collector {

  /** Below what the host lets through, which is too much for a scrape already. */
  static final int MOST_SERIES = 5_000;

  private static final int MOST_DATABASES = 50;
  private static final long GRACE_NANOS = Duration.ofSeconds(60).toNanos();
  private static final Logger log = LoggerFactory.getLogger(Collector.class);

  /** The order of a metric's series. */
  static final Comparator<MetricSample> BY_LABELS =
      (one, other) -> compare(one.labelValues(), other.labelValues());

  private final String cluster;
  private final CollectionPlan plan;
  private final LongSupplier nanoTime;
  private final Map<String, Long> due = new HashMap<>();
  private final Map<String, Result> results = new ConcurrentHashMap<>();
  private final Set<String> failing = ConcurrentHashMap.newKeySet();
  private volatile boolean up;

  private record Result(
      List<MetricSample> samples, long errors, int dropped, long tookNanos, long atNanos) {}

  /**
   * Makes a collector; nothing is asked yet.
   *
   * @param cluster the Cluster, for the log
   * @param plan what to collect
   * @param nanoTime the time, as {@link System#nanoTime()} tells it
   */
  Collector(String cluster, CollectionPlan plan, LongSupplier nanoTime) {
    this.cluster = cluster;
    this.plan = plan;
    this.nanoTime = nanoTime;
    plan.groups().forEach(group -> due.put(group.name(), nanoTime.getAsLong()));
  }

  CollectionPlan plan() {
    return plan;
  }

  // --- scrapes

  /** What is known now, in the order of the definitions, then of the labels. */
  List<MetricSample> samples() {
    long now = nanoTime.getAsLong();
    Map<String, List<MetricSample>> byName = new HashMap<>();
    Map<String, Result> seen = new LinkedHashMap<>();
    for (MetricGroup group : plan.groups()) {
      Result result = results.get(group.name());
      if (result != null) {
        seen.put(group.name(), result);
        if (now - result.atNanos() <= 3 * group.interval().toNanos() + GRACE_NANOS) {
          result
              .samples()
              .forEach(
                  sample ->
                      byName.computeIfAbsent(sample.name(), name -> new ArrayList<>()).add(sample));
        }
      }
    }
    List<MetricSample> samples = new ArrayList<>(self(seen, now));
    for (MetricDefinition definition : plan.definitions()) {
      List<MetricSample> found = byName.getOrDefault(definition.name(), List.of());
      found.stream()
          .sorted(BY_LABELS)
          .limit(Math.max(0, MOST_SERIES - samples.size()))
          .forEach(samples::add);
    }
    return List.copyOf(samples);
  }

  private List<MetricSample> self(Map<String, Result> seen, long now) {
    List<MetricSample> samples = new ArrayList<>();
    samples.add(SelfMetrics.UP.sample(up ? 1 : 0));
    seen.forEach(
        (group, result) ->
            samples.add(SelfMetrics.DURATION.sample(result.tookNanos() / 1e9, group)));
    seen.forEach(
        (group, result) ->
            samples.add(SelfMetrics.AGE.sample((now - result.atNanos()) / 1e9, group)));
    seen.forEach((group, result) -> samples.add(SelfMetrics.ERRORS.sample(result.errors(), group)));
    seen.forEach(
        (group, result) -> samples.add(SelfMetrics.DROPPED.sample(result.dropped(), group)));
    samples.add(SelfMetrics.INVALID.sample(plan.problems().size()));
    return samples;
  }

  private static int compare(List<String> one, List<String> other) {
    for (int i = 0; i < Math.min(one.size(), other.size()); i++) {
      int order = one.get(i).compareTo(other.get(i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(one.size(), other.size());
  }

  // --- collecting

  /** Collects the groups whose time has come. Takes as long as PostgreSQL does, within limits. */
  void collectDue() {
    long now = nanoTime.getAsLong();
    List<MetricGroup> groups =
        plan.groups().stream()
            .filter(group -> now - due.getOrDefault(group.name(), now) >= 0)
            .toList();
    if (groups.isEmpty()) {
      return;
    }
    groups.forEach(group -> due.put(group.name(), now + group.interval().toNanos()));
    Round round = new Round(groups);
    round.run();
    round.publish();
  }

  /** One visit to PostgreSQL, each database at most once. */
  private final class Round {

    private final List<MetricGroup> groups;
    private final Map<String, Tally> tallies = new LinkedHashMap<>();

    Round(List<MetricGroup> groups) {
      this.groups = groups;
      groups.forEach(group -> tally(group.name()));
    }

    private Tally tally(String group) {
      return tallies.computeIfAbsent(group, name -> new Tally());
    }

    void run() {
      String main = plan.parameters().database();
      Set<String> databases = new LinkedHashSet<>();
      boolean reached =
          visit(
              main,
              (group, query) -> query.scope() == Scope.SERVER && query.database().isEmpty(),
              session -> databases.addAll(databasesToVisit(session)));
      up = reached;
      if (!reached) {
        // Without a login there nothing is known about the other databases.
        tallies.values().stream().filter(tally -> tally.errors == 0).forEach(Tally::fail);
        return;
      }
      Set<String> lookedInto = new LinkedHashSet<>(databases);
      groups.stream()
          .flatMap(group -> group.queries().stream())
          .flatMap(query -> query.database().stream())
          .forEach(databases::add);
      for (String database : databases) {
        visit(
            database,
            (group, query) ->
                query.database().isPresent()
                    ? query.database().get().equals(database)
                    : query.scope() == Scope.DATABASE && lookedInto.contains(database),
            session -> {});
      }
    }

    private List<String> databasesToVisit(DatabaseSession session) throws SQLException {
      boolean wanted =
          groups.stream()
              .flatMap(group -> group.queries().stream())
              .anyMatch(query -> query.scope() == Scope.DATABASE);
      if (!wanted) {
        return List.of();
      }
      List<String> chosen = plan.parameters().databases();
      return session.databases().stream()
          .filter(name -> chosen.isEmpty() || chosen.contains(name))
          .limit(MOST_DATABASES)
          .toList();
    }

    private boolean visit(String database, Filter filter, First first) {
      List<Asked> asked = new ArrayList<>();
      for (MetricGroup group : groups) {
        for (MetricQuery query : group.queries()) {
          if (filter.includes(group, query)) {
            asked.add(new Asked(group, query));
          }
        }
      }
      try (DatabaseSession session = DatabaseSession.open(plan, database)) {
        first.accept(session);
        worksAgain("login:" + database);
        asked.forEach(one -> ask(session, database, one));
        return true;
      } catch (SQLException e) {
        failed("login:" + database, database, e);
        asked.stream()
            .map(one -> one.group().name())
            .distinct()
            .forEach(group -> tally(group).fail());
        return false;
      }
    }

    private void ask(DatabaseSession session, String database, Asked one) {
      Tally tally = tally(one.group().name());
      String key = one.query().values().getFirst().metric().name() + "@" + database;
      long begun = nanoTime.getAsLong();
      try {
        RowReader rows = session.ask(one.query());
        tally.samples.addAll(rows.samples());
        tally.dropped += rows.dropped();
        worksAgain(key);
      } catch (SQLException e) {
        tally.fail();
        failed(key, database, e);
      } finally {
        tally.tookNanos += nanoTime.getAsLong() - begun;
      }
    }

    void publish() {
      long now = nanoTime.getAsLong();
      tallies.forEach(
          (group, tally) -> {
            @Nullable Result before = results.get(group);
            long errors = (before == null ? 0 : before.errors()) + tally.errors;
            results.put(
                group,
                new Result(
                    List.copyOf(tally.samples), errors, tally.dropped, tally.tookNanos, now));
          });
    }
  }

  private interface Filter {
    boolean includes(MetricGroup group, MetricQuery query);
  }

  private interface First {
    void accept(DatabaseSession session) throws SQLException;
  }

  private record Asked(MetricGroup group, MetricQuery query) {}

  private static final class Tally {
    private final List<MetricSample> samples = new ArrayList<>();
    private long errors;
    private int dropped;
    private long tookNanos;

    void fail() {
      errors++;
    }
  }

  /** Said once, until it works again: an error at each interval would hide everything else. */
  private void failed(String what, String database, SQLException problem) {
    if (failing.add(what)) {
      log.atWarn()
          .addKeyValue("cluster", cluster)
          .addKeyValue("database", database)
          .addKeyValue("role", plan.parameters().role())
          .addKeyValue("what", what)
          .addKeyValue("sqlState", Optional.ofNullable(problem.getSQLState()).orElse(""))
          .addKeyValue("reason", firstLine(problem))
          .log(
              what.startsWith("login:")
                  ? "PostgreSQL refuses the login; metrics that need it are left out. The role"
                      + " needs LOGIN, pg_monitor and a line in pg_ident"
                  : "A statement failed; its metrics are left out until it works");
    }
  }

  private static String firstLine(SQLException problem) {
    return Optional.ofNullable(problem.getMessage())
        .flatMap(message -> message.lines().findFirst())
        .orElse("");
  }

  private void worksAgain(String what) {
    if (failing.remove(what)) {
      log.atInfo()
          .addKeyValue("cluster", cluster)
          .addKeyValue("what", what)
          .log("Collecting works again");
    }
  }
}
