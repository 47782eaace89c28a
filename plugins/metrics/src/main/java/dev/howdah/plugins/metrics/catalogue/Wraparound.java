package dev.howdah.plugins.metrics.catalogue;

import dev.howdah.plugins.metrics.query.MetricQuery;
import java.util.List;

/**
 * How far transaction ids are from their end. The exporter itself has each database's age; here is
 * what is left of it, which tables hold it back, and who keeps vacuum from helping.
 */
final class Wraparound {

  private Wraparound() {}

  static List<MetricQuery> queries() {
    return List.of(left(), holders(), tables());
  }

  // PostgreSQL stops 3 million ids before half of the 32-bit circle, transactions and multixacts.
  private static MetricQuery left() {
    return MetricQuery.server(
            """
            SELECT datname,
                   2147483647 - 3000000 - age(datfrozenxid)::float8 AS xid_left,
                   2147483647 - 3000000 - mxid_age(datminmxid)::float8 AS mxid_left,
                   age(datfrozenxid)
                     / current_setting('autovacuum_freeze_max_age')::float8 AS xid_freeze_ratio,
                   mxid_age(datminmxid)
                     / current_setting('autovacuum_multixact_freeze_max_age')::float8
                     AS mxid_freeze_ratio
              FROM pg_database
             ORDER BY datname
            """)
        .onPrimary()
        .labels("datname")
        .gauge(
            "xid_left",
            "Transactions that the database can still begin before PostgreSQL refuses new ones.")
        .gauge(
            "mxid_left",
            "Multixacts that the database can still make before PostgreSQL refuses new ones.")
        .gauge(
            "xid_freeze_ratio",
            "Age of the database's oldest transaction id as a share of autovacuum_freeze_max_age;"
                + " from 1 on vacuum is forced.")
        .gauge(
            "mxid_freeze_ratio",
            "Age of the database's oldest multixact as a share of"
                + " autovacuum_multixact_freeze_max_age; from 1 on vacuum is forced.")
        .build();
  }

  private static MetricQuery holders() {
    return MetricQuery.server(
            """
            SELECT kind.holder, coalesce(max(held.age), 0) AS xmin_age
              FROM (VALUES ('session'), ('standby'), ('prepared'), ('slot'), ('slot_catalog'))
                   AS kind (holder)
              LEFT JOIN (
                SELECT CASE WHEN backend_type = 'walsender' THEN 'standby' ELSE 'session' END,
                       greatest(age(backend_xmin), age(backend_xid))
                  FROM pg_stat_activity
                 WHERE pid <> pg_backend_pid()
                   AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
                UNION ALL
                SELECT 'prepared', age(transaction) FROM pg_prepared_xacts
                UNION ALL
                SELECT 'slot', age(xmin) FROM pg_replication_slots WHERE xmin IS NOT NULL
                UNION ALL
                SELECT 'slot_catalog', age(catalog_xmin)
                  FROM pg_replication_slots WHERE catalog_xmin IS NOT NULL
              ) AS held (holder, age) ON held.holder = kind.holder
             GROUP BY kind.holder
             ORDER BY kind.holder
            """)
        .labels("holder")
        .gauge(
            "xmin_age",
            "Transactions since the oldest one whose dead rows vacuum must keep, by who holds it"
                + " back: session, standby, prepared, slot or slot_catalog.")
        .build();
  }

  private static MetricQuery tables() {
    return MetricQuery.database(
            """
            SELECT current_database() AS datname, n.nspname AS schemaname, c.relname,
                   age(c.relfrozenxid) AS table_xid_age,
                   mxid_age(c.relminmxid) AS table_mxid_age
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'm', 't') AND c.relpersistence <> 't'
               AND c.relfrozenxid <> '0'
             ORDER BY age(c.relfrozenxid) DESC, n.nspname, c.relname
             LIMIT {top}
            """)
        .onPrimary()
        .labels("datname", "schemaname", "relname")
        .gauge(
            "table_xid_age", "Age of the oldest transaction ids in the database's oldest tables.")
        .gauge("table_mxid_age", "Age of the oldest multixacts in the database's oldest tables.")
        .build();
  }
}
