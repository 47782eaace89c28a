package dev.howdah.plugins.metrics.catalogue;

import dev.howdah.plugins.metrics.query.MetricQuery;
import java.util.List;

/**
 * The statements that take the most time, from {@code pg_stat_statements}; without the extension in
 * the main database there are none. A statement that falls out of the first places ends its series,
 * so there are never more than {@code top} at a time.
 */
final class Statements {

  private static final String SHORT =
      """
      SELECT d.datname, s.queryid::text AS queryid, sum(s.calls) AS statement_calls,
             sum(s.total_exec_time) / 1000 AS statement_exec_seconds,
             sum(s.rows) AS statement_rows,
             sum(s.shared_blks_hit) AS statement_shared_blocks_hit,
             sum(s.shared_blks_read) AS statement_shared_blocks_read,
             sum(s.temp_blks_written) AS statement_temp_blocks_written,
             sum(s.wal_bytes) AS statement_wal_bytes
        FROM {statements}.pg_stat_statements(false) s JOIN pg_database d ON d.oid = s.dbid
       WHERE s.queryid IS NOT NULL
       GROUP BY d.datname, s.queryid
       ORDER BY sum(s.total_exec_time) DESC, d.datname, s.queryid
       LIMIT {top}
      """;

  private static final String WITH_TEXT =
      SHORT
          .replace(
              "AS queryid,",
              "AS queryid,\n"
                  + "       left(regexp_replace(coalesce(min(s.query), ''), '\\s+', ' ', 'g'),"
                  + " {queryTextLength}) AS query,")
          .replace("pg_stat_statements(false)", "pg_stat_statements(true)");

  private Statements() {}

  static List<MetricQuery> queries(boolean withText) {
    return List.of(available(), tracked(), statements(withText));
  }

  private static MetricQuery available() {
    return MetricQuery.server(
            """
            SELECT count(*) AS statements_available
              FROM pg_extension WHERE extname = 'pg_stat_statements'
            """)
        .gauge(
            "statements_available",
            "1 if pg_stat_statements is there in the main database, else 0 and there are no others"
                + " of this group.")
        .build();
  }

  private static MetricQuery tracked() {
    return MetricQuery.server(
            """
            SELECT count(*) AS statements_tracked,
                   coalesce(sum(s.total_exec_time), 0) / 1000 AS statements_exec_seconds,
                   min(i.dealloc) AS statements_deallocations
              FROM {statements}.pg_stat_statements_info i
              LEFT JOIN {statements}.pg_stat_statements(false) s ON true
            """)
        .gauge("statements_tracked", "Different statements that are kept.")
        .gauge(
            "statements_exec_seconds",
            "Time that all kept statements took to execute; falls when some are thrown out.")
        .counter(
            "statements_deallocations",
            "How often the rarest statements were thrown out because there were more than"
                + " pg_stat_statements.max.")
        .build();
  }

  private static MetricQuery statements(boolean withText) {
    var builder = MetricQuery.server(withText ? WITH_TEXT : SHORT);
    if (withText) {
      builder.labels("datname", "queryid", "query");
    } else {
      builder.labels("datname", "queryid");
    }
    return builder
        .counter("statement_calls", "How often the statement ran; the first by execution time.")
        .counter("statement_exec_seconds", "Time it took to execute.")
        .counter("statement_rows", "Rows it returned or changed.")
        .counter("statement_shared_blocks_hit", "Blocks it found in shared buffers.")
        .counter("statement_shared_blocks_read", "Blocks it had read.")
        .counter("statement_temp_blocks_written", "Blocks it wrote into temporary files.")
        .counter("statement_wal_bytes", "WAL it made.")
        .build();
  }
}
