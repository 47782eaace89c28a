package dev.howdah.plugins.metrics.catalogue;

import dev.howdah.plugins.metrics.query.MetricQuery;
import java.util.List;

/**
 * What vacuum does and what it has yet to do. A table is due when its dead rows are more than
 * {@code autovacuum_vacuum_threshold + autovacuum_vacuum_scale_factor × rows}, with the table's own
 * settings where it has them: the rule by which autovacuum itself chooses.
 */
final class Vacuum {

  /** Tables with the thresholds that hold for them; {@code cap} is PostgreSQL 18's upper limit. */
  private static final String DEBT =
      """
      WITH setting AS (
        SELECT c.oid,
               (max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_vacuum_threshold'))
                 ::float8 AS vacuum_base,
               (max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_vacuum_scale_factor'))
                 ::float8 AS vacuum_scale,
               (max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_analyze_threshold'))
                 ::float8 AS analyze_base,
               (max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_analyze_scale_factor'))
                 ::float8 AS analyze_scale,
               (max(o.option_value) FILTER (WHERE o.option_name = 'autovacuum_enabled'))
                 ::bool AS enabled
          FROM pg_class c LEFT JOIN LATERAL pg_options_to_table(c.reloptions) AS o ON true
         WHERE c.relkind IN ('r', 'm')
         GROUP BY c.oid
      ), debt AS (
        SELECT s.schemaname, s.relname, s.n_dead_tup AS dead, s.n_mod_since_analyze AS changed,
               coalesce(e.enabled, true) AS enabled,
               least(
                 coalesce(e.vacuum_base, current_setting('autovacuum_vacuum_threshold')::float8)
                   + coalesce(
                       e.vacuum_scale, current_setting('autovacuum_vacuum_scale_factor')::float8)
                     * greatest(c.reltuples, 0),
                 %s) AS vacuum_from,
               coalesce(e.analyze_base, current_setting('autovacuum_analyze_threshold')::float8)
                 + coalesce(
                     e.analyze_scale, current_setting('autovacuum_analyze_scale_factor')::float8)
                   * greatest(c.reltuples, 0) AS analyze_from,
               greatest(
                 age(c.relfrozenxid) / current_setting('autovacuum_freeze_max_age')::float8,
                 mxid_age(c.relminmxid)
                   / current_setting('autovacuum_multixact_freeze_max_age')::float8) AS frozen
          FROM pg_stat_user_tables s
          JOIN pg_class c ON c.oid = s.relid
          JOIN setting e ON e.oid = s.relid
         WHERE c.relfrozenxid <> '0'
      )
      """;

  private static final String NO_CAP = "'Infinity'::float8";
  private static final String CAP =
      """
      coalesce(
        nullif(current_setting('autovacuum_vacuum_max_threshold')::float8, -1),
        'Infinity'::float8)\
      """;

  private static final String TOTALS =
      """
      SELECT current_database() AS datname,
             count(*) FILTER (WHERE dead > vacuum_from) AS vacuum_due_tables,
             count(*) FILTER (WHERE changed > analyze_from) AS analyze_due_tables,
             count(*) FILTER (WHERE frozen > 1) AS freeze_due_tables,
             count(*) FILTER (WHERE NOT enabled) AS autovacuum_off_tables,
             coalesce(sum(dead), 0) AS dead_rows
        FROM debt
      """;

  private static final String WORST =
      """
      SELECT current_database() AS datname, schemaname, relname,
             dead AS table_dead_rows,
             dead / greatest(vacuum_from, 1) AS table_vacuum_due_ratio
        FROM debt
       WHERE dead > 0
       ORDER BY dead / greatest(vacuum_from, 1) DESC, schemaname, relname
       LIMIT {top}
      """;

  private Vacuum() {}

  static List<MetricQuery> queries() {
    return List.of(workers(), progress(), totals(), worst());
  }

  private static MetricQuery workers() {
    return MetricQuery.server(
            """
            SELECT count(*) AS autovacuum_workers,
                   count(*) FILTER (WHERE query LIKE '%(to prevent wraparound)')
                     AS autovacuum_wraparound_workers,
                   count(*) / current_setting('autovacuum_max_workers')::float8
                     AS autovacuum_workers_used_ratio,
                   coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)
                     AS autovacuum_oldest_seconds
              FROM pg_stat_activity
             WHERE backend_type = 'autovacuum worker'
            """)
        .onPrimary()
        .gauge("autovacuum_workers", "Autovacuum workers at work.")
        .gauge(
            "autovacuum_wraparound_workers",
            "Those of them that freeze to prevent wraparound; they don't give way to locks.")
        .gauge("autovacuum_workers_used_ratio", "Workers at work as a share of the most allowed.")
        .gauge("autovacuum_oldest_seconds", "How long the longest of them has been at its table.")
        .build();
  }

  private static MetricQuery progress() {
    return MetricQuery.database(
            """
            SELECT current_database() AS datname, n.nspname AS schemaname, c.relname,
                   p.heap_blks_scanned / greatest(p.heap_blks_total, 1)::float8
                     AS vacuum_scanned_ratio,
                   p.heap_blks_vacuumed / greatest(p.heap_blks_total, 1)::float8
                     AS vacuum_vacuumed_ratio,
                   p.index_vacuum_count AS vacuum_index_passes,
                   extract(epoch FROM clock_timestamp() - a.xact_start) AS vacuum_running_seconds
              FROM pg_stat_progress_vacuum p
              JOIN pg_class c ON c.oid = p.relid
              JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_stat_activity a ON a.pid = p.pid
             WHERE p.datname = current_database()
             ORDER BY 2, 3
            """)
        .onPrimary()
        .labels("datname", "schemaname", "relname")
        .gauge("vacuum_scanned_ratio", "Share of the table that a running vacuum has scanned.")
        .gauge("vacuum_vacuumed_ratio", "Share of the table that a running vacuum has vacuumed.")
        .gauge(
            "vacuum_index_passes",
            "Passes over the indexes; more than one means that its memory is too small.")
        .gauge("vacuum_running_seconds", "How long it has been running.")
        .build();
  }

  private static MetricQuery totals() {
    return MetricQuery.database(DEBT.formatted(NO_CAP) + TOTALS)
        .since(18, DEBT.formatted(CAP) + TOTALS)
        .onPrimary()
        .labels("datname")
        .gauge("vacuum_due_tables", "Tables with more dead rows than autovacuum waits for.")
        .gauge(
            "analyze_due_tables",
            "Tables with more changes since their last ANALYZE than autovacuum waits for.")
        .gauge("freeze_due_tables", "Tables so old that autovacuum is forced to freeze them.")
        .gauge("autovacuum_off_tables", "Tables that have autovacuum switched off.")
        .gauge("dead_rows", "Dead rows that vacuum hasn't removed.")
        .build();
  }

  private static MetricQuery worst() {
    return MetricQuery.database(DEBT.formatted(NO_CAP) + WORST)
        .since(18, DEBT.formatted(CAP) + WORST)
        .onPrimary()
        .labels("datname", "schemaname", "relname")
        .gauge("table_dead_rows", "Dead rows of the tables whose vacuum is the most overdue.")
        .gauge(
            "table_vacuum_due_ratio",
            "Dead rows as a share of what autovacuum waits for; from 1 on the table is due.")
        .build();
  }
}
