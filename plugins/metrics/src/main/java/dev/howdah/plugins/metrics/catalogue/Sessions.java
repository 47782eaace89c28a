package dev.howdah.plugins.metrics.catalogue;

import dev.howdah.plugins.metrics.query.MetricQuery;
import java.util.List;

/**
 * Transactions and sessions that last too long. The exporter itself has the longest transaction by
 * user, application and state; here is how many are too long, and what sessions wait for.
 */
final class Sessions {

  private Sessions() {}

  static List<MetricQuery> queries() {
    return List.of(durations(), prepared(), waits());
  }

  private static MetricQuery durations() {
    return MetricQuery.server(
            """
            SELECT d.datname,
                   count(*) FILTER (
                     WHERE a.xact_start < now() - interval '{longTransaction} seconds')
                     AS long_transactions,
                   count(*) FILTER (
                     WHERE a.state LIKE 'idle in transaction%'
                       AND a.state_change < now() - interval '{longIdle} seconds')
                     AS long_idle_transactions,
                   coalesce(extract(epoch FROM max(clock_timestamp() - a.state_change) FILTER (
                     WHERE a.state LIKE 'idle in transaction%')), 0)
                     AS idle_transaction_oldest_seconds,
                   coalesce(extract(epoch FROM max(clock_timestamp() - a.query_start) FILTER (
                     WHERE a.state = 'active')), 0)
                     AS active_query_oldest_seconds
              FROM pg_database d
              LEFT JOIN pg_stat_activity a
                ON a.datid = d.oid AND a.backend_type = 'client backend'
               AND a.pid <> pg_backend_pid()
             WHERE d.datallowconn AND NOT d.datistemplate
             GROUP BY d.datname
             ORDER BY d.datname
            """)
        .labels("datname")
        .gauge("long_transactions", "Transactions open for longer than longTransaction.")
        .gauge(
            "long_idle_transactions",
            "Sessions that have been idle in a transaction for longer than longIdle.")
        .gauge(
            "idle_transaction_oldest_seconds",
            "How long a session has been idle in a transaction, the longest of them.")
        .gauge("active_query_oldest_seconds", "How long the longest running statement has run.")
        .build();
  }

  private static MetricQuery prepared() {
    return MetricQuery.server(
            """
            SELECT d.datname, count(p.gid) AS prepared_transactions,
                   coalesce(extract(epoch FROM clock_timestamp() - min(p.prepared)), 0)
                     AS prepared_transaction_oldest_seconds
              FROM pg_database d LEFT JOIN pg_prepared_xacts p ON p.database = d.datname
             WHERE d.datallowconn AND NOT d.datistemplate
             GROUP BY d.datname
             ORDER BY d.datname
            """)
        .labels("datname")
        .gauge(
            "prepared_transactions",
            "Transactions prepared for two-phase commit and not ended; they keep their locks.")
        .gauge("prepared_transaction_oldest_seconds", "Age of the oldest of these.")
        .build();
  }

  private static MetricQuery waits() {
    return MetricQuery.server(
            """
            SELECT coalesce(a.datname, '') AS datname,
                   coalesce(a.wait_event_type, 'CPU') AS wait_event_type,
                   count(*) AS active_sessions
              FROM pg_stat_activity a
             WHERE a.state = 'active' AND a.backend_type = 'client backend'
               AND a.pid <> pg_backend_pid()
             GROUP BY 1, 2
             ORDER BY 1, 2
            """)
        .labels("datname", "wait_event_type")
        .gauge(
            "active_sessions",
            "Sessions that run a statement, by what they wait for; CPU if for nothing.")
        .build();
  }
}
