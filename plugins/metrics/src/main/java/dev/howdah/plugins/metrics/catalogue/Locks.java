package dev.howdah.plugins.metrics.catalogue;

import dev.howdah.plugins.metrics.query.MetricQuery;
import java.util.List;

/** Locks, who waits for them, and how long the chains are. */
final class Locks {

  private Locks() {}

  static List<MetricQuery> queries() {
    return List.of(held(), waiting(), chains());
  }

  private static MetricQuery held() {
    return MetricQuery.server(
            """
            SELECT coalesce(d.datname, '') AS datname, l.mode,
                   CASE WHEN l.granted THEN 'granted' ELSE 'waiting' END AS state,
                   count(*) AS locks
              FROM pg_locks l LEFT JOIN pg_database d ON d.oid = l.database
             WHERE l.pid IS DISTINCT FROM pg_backend_pid() AND l.locktype <> 'virtualxid'
             GROUP BY 1, 2, 3
             ORDER BY 1, 2, 3
            """)
        .labels("datname", "mode", "state")
        .gauge(
            "locks",
            "Locks by database, mode and state (granted, waiting); those of no database have none.")
        .build();
  }

  private static MetricQuery waiting() {
    return MetricQuery.server(
            """
            SELECT d.datname,
                   count(w.pid) AS blocked_sessions,
                   coalesce(extract(epoch FROM clock_timestamp() - min(w.since)), 0)
                     AS blocked_oldest_seconds
              FROM pg_database d
              LEFT JOIN (
                SELECT a.datid, a.pid, min(l.waitstart) AS since
                  FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
                 WHERE NOT l.granted
                 GROUP BY a.datid, a.pid
              ) AS w ON w.datid = d.oid
             WHERE d.datallowconn AND NOT d.datistemplate
             GROUP BY d.datname
             ORDER BY d.datname
            """)
        .labels("datname")
        .gauge("blocked_sessions", "Sessions that wait for a lock.")
        .gauge("blocked_oldest_seconds", "How long the longest of these waits has lasted.")
        .build();
  }

  // A set of (session, depth), not of paths: of these a long queue has more than can be counted.
  private static MetricQuery chains() {
    return MetricQuery.server(
            """
            WITH RECURSIVE edge AS MATERIALIZED (
              SELECT a.pid, blocker.pid AS blocked_by
                FROM pg_stat_activity a, unnest(pg_blocking_pids(a.pid)) AS blocker (pid)
               WHERE a.wait_event_type = 'Lock'
            ), chain (pid, depth) AS (
              SELECT DISTINCT blocked_by, 0 FROM edge
               WHERE blocked_by NOT IN (SELECT pid FROM edge)
              UNION
              SELECT edge.pid, chain.depth + 1
                FROM chain JOIN edge ON edge.blocked_by = chain.pid
               WHERE chain.depth < 20
            )
            SELECT count(*) FILTER (WHERE depth = 0) AS blocking_sessions,
                   coalesce(max(depth), 0) AS blocking_chain_length
              FROM chain
            """)
        .gauge(
            "blocking_sessions",
            "Sessions and prepared transactions at the head of a chain: they block others and wait"
                + " for no lock themselves.")
        .gauge(
            "blocking_chain_length",
            "Sessions that wait one behind the other in the longest chain, counted up to 20.")
        .build();
  }
}
