package dev.howdah.plugins.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Every statement on every supported PostgreSQL, as the least-privileged role of the guide. */
@ParameterizedClass
@ValueSource(ints = {14, 15, 16, 17, 18})
@Timeout(60)
class RealServersTest {

  private static Monitored postgres;

  @Parameter int major;

  @BeforeParameterizedClassInvocation
  static void start(int major) throws IOException {
    postgres = Monitored.start(major);
    postgres
        .server()
        .execute(
            "app",
            "CREATE TABLE job (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, state text, n"
                + " numeric)",
            "INSERT INTO job (state, n) SELECT 'state ' || g % 10, g FROM generate_series(1, 20000)"
                + " g",
            "ANALYZE job",
            "CREATE TABLE emptied AS SELECT g AS id, repeat('x', 40) AS t FROM generate_series(1,"
                + " 40000) g",
            "CREATE INDEX emptied_id ON emptied (id)",
            "DELETE FROM emptied WHERE id % 4 <> 0",
            "CREATE SEQUENCE nearly AS smallint",
            "SELECT setval('nearly', 32000)",
            "CREATE SEQUENCE unused",
            "CREATE SEQUENCE down INCREMENT -1 MINVALUE -100 MAXVALUE -1",
            "SELECT setval('down', -50)");
    // Each in a session of its own: what a session counted is known when it has ended.
    postgres.server().execute("app", "VACUUM ANALYZE emptied");
    postgres.server().execute("app", "DELETE FROM emptied WHERE id % 8 = 0");
    awaitCount(
        "app",
        "SELECT (n_dead_tup >= 5000)::int FROM pg_stat_user_tables WHERE relname = 'emptied'",
        1);
    postgres.installFunctions("app");
  }

  private static void awaitCount(String database, String sql, long expected) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(count(database, sql)).isEqualTo(expected));
  }

  @AfterParameterizedClassInvocation
  static void stop() {
    postgres.close();
  }

  private static Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres"
            .formatted(postgres.server().port(), database));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Test
  void everyMetricHasValuesAndNoStatementFails() throws SQLException {
    postgres
        .server()
        .execute(
            "app",
            "SELECT pg_create_logical_replication_slot('orders', 'test_decoding')",
            "BEGIN; INSERT INTO job (state) VALUES ('prepared'); PREPARE TRANSACTION 'one'");
    try (Connection active = connect("app");
        var thread = Executors.newSingleThreadExecutor()) {
      var sleeping =
          thread.submit(
              () -> {
                execute(active, "SELECT pg_sleep(30)");
                return true;
              });
      awaitCount(
          "postgres",
          "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)' AND state ="
              + " 'active'",
          1);

      Scrape scrape = postgres.scrape("bloatFrom", "0");

      postgres
          .server()
          .execute(
              "postgres",
              "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                  + " WHERE query = 'SELECT pg_sleep(30)'");
      assertThat(scrape.of("collection_errors_total"))
          .hasSize(9)
          .allSatisfy(errors -> assertThat(errors.value()).as(errors.toString()).isZero());
      assertThat(scrape.value("up")).hasValue(1);
      Set<String> absent =
          scrape.definitions().stream()
              .map(MetricDefinition::name)
              .collect(Collectors.toCollection(TreeSet::new));
      scrape.samples().stream().map(MetricSample::name).toList().forEach(absent::remove);
      assertThat(absent).containsExactlyInAnyOrderElementsOf(absentIn(major));
      assertThat(sleeping).isNotNull();
    } finally {
      postgres
          .server()
          .execute("app", "ROLLBACK PREPARED 'one'", "SELECT pg_drop_replication_slot('orders')");
    }
  }

  private static long count(String database, String sql) throws SQLException {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** What this major doesn't know, and the progress of vacuums, of which none runs. */
  private static List<String> absentIn(int major) {
    List<String> absent =
        new ArrayList<>(
            List.of(
                "vacuum_scanned_ratio",
                "vacuum_vacuumed_ratio",
                "vacuum_index_passes",
                "vacuum_running_seconds"));
    if (major < 17) {
      absent.add("slot_inactive_seconds");
    }
    if (major < 16) {
      absent.addAll(List.of("io_extend_bytes_total", "io_evictions_total"));
    }
    return absent.stream().map(name -> "metrics_howdah_dev_" + name).toList();
  }

  @Test
  void chainsOfBlockingAreCountedFromTheirHead() throws Exception {
    try (Connection head = connect("app");
        Connection second = connect("app");
        Connection third = connect("app")) {
      ExecutorService threads = Executors.newFixedThreadPool(2);
      try {
        head.setAutoCommit(false);
        second.setAutoCommit(false);
        third.setAutoCommit(false);
        execute(head, "LOCK TABLE job IN SHARE ROW EXCLUSIVE MODE");
        execute(second, "LOCK TABLE emptied IN SHARE ROW EXCLUSIVE MODE");
        threads.submit(
            () -> {
              execute(second, "LOCK TABLE job IN SHARE ROW EXCLUSIVE MODE");
              return true;
            });
        threads.submit(
            () -> {
              execute(third, "LOCK TABLE emptied IN SHARE ROW EXCLUSIVE MODE");
              return true;
            });
        awaitCount("postgres", "SELECT count(*) FROM pg_locks WHERE NOT granted", 2);

        Scrape scrape = postgres.scrape("longIdle", "0s", "longTransaction", "0s");

        assertThat(scrape.value("blocked_sessions", "app")).hasValue(2);
        assertThat(scrape.value("blocked_sessions", "postgres")).hasValue(0);
        assertThat(scrape.value("blocked_oldest_seconds", "app").orElseThrow()).isPositive();
        assertThat(scrape.value("blocking_sessions")).hasValue(1);
        assertThat(scrape.value("blocking_chain_length")).hasValue(2);
        assertThat(scrape.value("locks", "app", "ShareRowExclusiveLock", "waiting")).hasValue(2);
        assertThat(scrape.value("locks", "app", "ShareRowExclusiveLock", "granted")).hasValue(2);
        assertThat(scrape.value("long_transactions", "app")).hasValue(3);
        assertThat(scrape.value("long_idle_transactions", "app")).hasValue(1);
        assertThat(scrape.value("active_sessions", "app", "Lock")).hasValue(2);
      } finally {
        head.abort(Runnable::run);
        second.abort(Runnable::run);
        third.abort(Runnable::run);
        threads.shutdownNow();
        threads.awaitTermination(10, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void vacuumsDebtFollowsTheTablesOwnSettings() throws SQLException {
    postgres
        .server()
        .execute(
            "app",
            "ALTER TABLE emptied SET (autovacuum_vacuum_threshold = 5000,"
                + " autovacuum_vacuum_scale_factor = 0, autovacuum_enabled = false)");

    long dead =
        count("app", "SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'emptied'");

    Scrape scrape = postgres.scrape();

    assertThat(dead).isBetween(5000L, 6000L);
    assertThat(scrape.value("table_dead_rows", "app", "public", "emptied")).hasValue(dead);
    assertThat(scrape.value("table_vacuum_due_ratio", "app", "public", "emptied"))
        .hasValue(dead / 5000.0);
    assertThat(scrape.value("vacuum_due_tables", "app")).hasValue(dead > 5000 ? 1 : 0);
    assertThat(scrape.value("autovacuum_off_tables", "app")).hasValue(1);
    assertThat(scrape.value("dead_rows", "app").orElseThrow()).isGreaterThanOrEqualTo(5000);
  }

  @Test
  void bloatIsTheShareOfRowsThatWereDeleted() {
    Scrape scrape = postgres.scrape("bloatFrom", "0");

    assertThat(scrape.value("table_bloat_ratio", "app", "public", "emptied").orElseThrow())
        .isCloseTo(0.75, within(0.03));
    assertThat(scrape.value("table_bloat_ratio", "app", "public", "job").orElseThrow())
        .isLessThan(0.15);
    assertThat(
            scrape
                .value("index_bloat_ratio", "app", "public", "emptied", "emptied_id")
                .orElseThrow())
        .isCloseTo(0.75, within(0.03));
    assertThat(scrape.value("index_bloat_ratio", "app", "public", "job", "job_pkey").orElseThrow())
        .isLessThan(0.1);
    assertThat(scrape.value("bloat_tables_bytes", "app").orElseThrow()).isPositive();
    assertThat(scrape.value("bloat_unestimated_tables", "app")).hasValue(0);
  }

  @Test
  void sequencesEndWhereTheirColumnDoes() {
    Scrape scrape = postgres.scrape();

    assertThat(scrape.value("sequence_used_ratio", "app", "public", "nearly").orElseThrow())
        .isCloseTo(32000 / 32767.0, within(0.001));
    assertThat(scrape.value("sequence_values_left", "app", "public", "nearly")).hasValue(767);
    assertThat(scrape.value("sequence_values_left", "app", "public", "job_id_seq").orElseThrow())
        .isBetween(2147483647.0 - 20010, 2147483647.0 - 20000);
    assertThat(scrape.value("sequence_used_ratio", "app", "public", "unused")).hasValue(0);
    assertThat(scrape.value("sequence_values_left", "app", "public", "down")).hasValue(50);
    assertThat(scrape.value("sequences_unreadable", "app")).hasValue(0);
  }

  @Test
  void saysWhatTheRoleMayNotSeeWithoutTheFunctions() {
    postgres
        .server()
        .execute("postgres", "CREATE TABLE IF NOT EXISTS secret (id serial)", "ANALYZE secret");

    Scrape scrape = postgres.scrape("bloatFrom", "0");

    assertThat(scrape.value("sequences_unreadable", "postgres")).hasValue(1);
    assertThat(scrape.of("sequence_used_ratio"))
        .noneMatch(it -> it.labelValues().contains("postgres"));
    assertThat(scrape.value("bloat_unestimated_tables", "postgres")).hasValue(1);
    assertThat(scrape.of("table_bloat_bytes"))
        .noneMatch(it -> it.labelValues().contains("postgres"));
  }

  @Test
  void functionsOfAnybodyButASuperuserAreNotCalled() throws IOException {
    postgres.server().execute("postgres", "CREATE DATABASE strange", "CREATE ROLE stranger");
    try {
      postgres.installFunctions("strange");
      postgres
          .server()
          .execute(
              "strange",
              "ALTER FUNCTION howdah.sequence_values() OWNER TO stranger",
              "CREATE SEQUENCE hidden");

      Scrape scrape = postgres.scrape();

      assertThat(scrape.value("sequences_unreadable", "strange")).hasValue(1);
    } finally {
      postgres.server().execute("postgres", "DROP DATABASE strange", "DROP ROLE stranger");
    }
  }

  @Test
  void statementsAreAsManyAsTheClusterAsksFor() {
    postgres
        .server()
        .execute(
            "app", "SELECT 1 AS a", "SELECT 1 AS a, 2 AS b", "SELECT\n  1 AS a, 2 AS b, 3 AS c");

    Scrape without = postgres.scrape("top", "3");
    Scrape with = postgres.scrape("top", "3", "queryTextLength", "12");

    assertThat(without.of("statement_calls_total"))
        .hasSize(3)
        .allMatch(it -> it.labelValues().size() == 2);
    assertThat(with.of("statement_calls_total"))
        .hasSize(3)
        .allMatch(
            it ->
                it.labelValues().size() == 3
                    && it.labelValues().get(2).length() <= 12
                    && !it.labelValues().get(2).contains("\n"));
    assertThat(without.value("statements_tracked").orElseThrow()).isGreaterThan(3);
  }

  @Test
  void withoutTheExtensionThereAreNoStatements() {
    Scrape scrape = postgres.scrape("database", "app");

    assertThat(scrape.value("statements_available")).hasValue(0);
    assertThat(scrape.of("statement_calls_total")).isEmpty();
    assertThat(scrape.value("collection_errors_total", "statements")).hasValue(0);
  }

  @Test
  void declaredMetricsAreCollectedOrLeftOutOneByOne() {
    postgres.server().execute("app", "GRANT SELECT ON job TO howdah_metrics");
    String queries =
        """
        - query: SELECT state, count(*) AS jobs, sum(n) AS total FROM public.job GROUP BY state
          database: app
          labels: [state]
          limit: 4
          metrics:
            - {name: shop_jobs, help: Jobs., type: gauge, column: jobs}
            - {name: shop_work_total, help: Work., type: counter, column: total}
        - query: SELECT n AS shop_secret FROM public.emptied
          database: app
          metrics: [{name: shop_secret, help: None., type: gauge}]
        - query: SELECT pg_sleep(60), 1 AS shop_slow
          metrics: [{name: shop_slow, help: Slow., type: gauge}]
        - query: SELECT set_config('transaction_read_only', 'off', false), 1 AS shop_write
          metrics: [{name: shop_write, help: Writes., type: gauge}]
        - query: SELECT 'a{top}' AS l, -1 AS shop_below_total
          labels: [l]
          metrics: [{name: shop_below_total, help: Below., type: counter}]
        - query: VALUES ('x', 1), ('x', 2)
          labels: [column1]
          metrics: [{name: shop_twice, help: Twice., type: untyped, column: column2}]
        """;

    Scrape scrape =
        postgres.scrape("queries", queries, "queryTimeout", "300ms", "without", "bloat, sequences");

    assertThat(scrape.value("declared_queries_invalid")).hasValue(0);
    assertThat(scrape.of("shop_jobs")).hasSize(4).allMatch(it -> it.value() == 2000);
    assertThat(scrape.value("series_dropped", "shop_jobs").orElseThrow()).isPositive();
    for (String failing : List.of("shop_secret", "shop_slow", "shop_write")) {
      assertThat(scrape.of(failing)).as(failing).isEmpty();
      assertThat(scrape.value("collection_errors_total", failing)).as(failing).hasValue(1);
    }
    assertThat(scrape.of("shop_below_total")).isEmpty();
    assertThat(scrape.value("series_dropped", "shop_below_total")).hasValue(1);
    assertThat(scrape.value("shop_twice", "x")).hasValue(1);
    assertThat(scrape.value("series_dropped", "shop_twice")).hasValue(1);
    assertThat(scrape.of("table_bloat_bytes")).isEmpty();
    assertThat(scrape.definitions()).noneMatch(it -> it.name().contains("bloat"));
  }
}
