package dev.howdah.plugins.metrics.catalogue;

import dev.howdah.plugins.metrics.query.MetricQuery;
import java.util.List;

/**
 * Estimates of space that tables and indexes take and don't need: the pages there are, less the
 * pages that the same rows would fill if they were written anew. Rows are counted and their widths
 * averaged by ANALYZE; what surrounds them follows from PostgreSQL's page layout.
 *
 * <ul>
 *   <li>A page of 8 KiB has 24 bytes of header; a B-tree's also 16 bytes for the links to its
 *       neighbours. Only {@code fillfactor} per cent of the rest are filled on purpose.
 *   <li>A row takes a line pointer of 4 bytes, a header of 23 bytes, one bit for each column if any
 *       is null, and its values; header and values are each rounded up to 8 bytes.
 *   <li>An index entry takes a line pointer of 4 bytes, a header of 8 bytes (16 if any column is
 *       null) and its values, rounded up to 8 bytes; a B-tree has one page more at its start, and
 *       above the leaves one entry for each page below.
 * </ul>
 *
 * <p>Padding between columns isn't known, so values are taken to be without any, and what B-trees
 * save by deduplication isn't either: both are limits of the estimate, and so are old statistics.
 */
final class Bloat {

  private static final String WIDTHS =
      """
      WITH width AS (
        SELECT w.relid, w.attnum, (1 - w.null_fraction) * w.width AS bytes,
               w.null_fraction > 0 AS nulls
          FROM {widths} w
      )
      """;

  private static final String TABLES =
      WIDTHS
          + """
          , relation AS (
            SELECT n.nspname AS schemaname, c.relname, greatest(c.reltuples, 0) AS rows,
                   pg_relation_size(c.oid)::float8 AS bytes,
                   current_setting('block_size')::float8 AS block,
                   coalesce((SELECT o.option_value::float8
                               FROM pg_options_to_table(c.reloptions) o
                              WHERE o.option_name = 'fillfactor'), 100) / 100 AS fill,
                   c.reltuples >= 0 AND a.known = a.columns AS estimated,
                   8 * ceil((23 + CASE WHEN a.nulls THEN ceil(a.columns / 8.0) ELSE 0 END) / 8)
                     + 8 * ceil(a.bytes / 8) + 4 AS row_bytes
              FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN LATERAL (
                SELECT count(*) AS columns, count(w.attnum) AS known,
                       coalesce(sum(w.bytes), 0) AS bytes, coalesce(bool_or(w.nulls), false) AS nulls
                  FROM pg_attribute t LEFT JOIN width w ON w.relid = c.oid AND w.attnum = t.attnum
                 WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped
              ) a ON true
             WHERE c.relkind IN ('r', 'm') AND c.relpersistence <> 't'
               AND n.nspname NOT IN ('pg_catalog', 'information_schema')
               AND pg_relation_size(c.oid) >= {bloatFrom}
          ), estimate AS (
            SELECT r.*,
                   greatest(0, r.bytes - r.block * ceil(
                     r.rows / greatest(1, floor((r.block - 24) * r.fill / r.row_bytes)))) AS bloat
              FROM relation r
          )
          """;

  private static final String INDEXES =
      WIDTHS
          + """
          , relation AS (
            SELECT n.nspname AS schemaname, t.relname, c.relname AS indexrelname,
                   greatest(c.reltuples, 0) AS rows, pg_relation_size(c.oid)::float8 AS bytes,
                   current_setting('block_size')::float8 AS block,
                   coalesce((SELECT o.option_value::float8
                               FROM pg_options_to_table(c.reloptions) o
                              WHERE o.option_name = 'fillfactor'), 90) / 100 AS fill,
                   c.reltuples >= 0 AND a.known = a.columns AS estimated,
                   CASE WHEN a.nulls THEN 16 ELSE 8 END + 8 * ceil(a.bytes / 8) + 4 AS row_bytes
              FROM pg_index i
              JOIN pg_class c ON c.oid = i.indexrelid
              JOIN pg_am m ON m.oid = c.relam AND m.amname = 'btree'
              JOIN pg_class t ON t.oid = i.indrelid
              JOIN pg_namespace n ON n.oid = t.relnamespace
              JOIN LATERAL (
                SELECT count(*) AS columns, count(w.attnum) AS known,
                       coalesce(sum(w.bytes), 0) AS bytes, coalesce(bool_or(w.nulls), false) AS nulls
                  FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, position)
                  LEFT JOIN width w
                    ON w.relid = CASE WHEN k.attnum > 0 THEN i.indrelid ELSE i.indexrelid END
                   AND w.attnum = CASE WHEN k.attnum > 0 THEN k.attnum ELSE k.position END
              ) a ON true
             WHERE c.relkind = 'i' AND c.relpersistence <> 't'
               AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
               AND pg_relation_size(c.oid) >= {bloatFrom}
          ), leaves AS (
            SELECT r.*, ceil(r.rows / greatest(1, floor((r.block - 40) * r.fill / r.row_bytes)))
                          AS leaf_pages
              FROM relation r
          ), estimate AS (
            SELECT l.*,
                   greatest(0, l.bytes - l.block * (
                     1 + l.leaf_pages
                       + ceil(l.leaf_pages / greatest(1, floor((l.block - 40) / l.row_bytes)))))
                     AS bloat
              FROM leaves l
          )
          """;

  private Bloat() {}

  static List<MetricQuery> queries() {
    return List.of(tables(), indexes(), totals());
  }

  private static MetricQuery tables() {
    return MetricQuery.database(
            TABLES
                + """
                SELECT current_database() AS datname, schemaname, relname,
                       bloat AS table_bloat_bytes, bloat / bytes AS table_bloat_ratio
                  FROM estimate
                 WHERE estimated AND bytes > 0
                 ORDER BY bloat DESC, schemaname, relname
                 LIMIT {top}
                """)
        .onPrimary()
        .labels("datname", "schemaname", "relname")
        .gauge("table_bloat_bytes", "Estimate of the space that a table takes and doesn't need.")
        .gauge("table_bloat_ratio", "The same as a share of the table.")
        .build();
  }

  private static MetricQuery indexes() {
    return MetricQuery.database(
            INDEXES
                + """
                SELECT current_database() AS datname, schemaname, relname, indexrelname,
                       bloat AS index_bloat_bytes, bloat / bytes AS index_bloat_ratio
                  FROM estimate
                 WHERE estimated AND bytes > 0
                 ORDER BY bloat DESC, schemaname, indexrelname
                 LIMIT {top}
                """)
        .onPrimary()
        .labels("datname", "schemaname", "relname", "indexrelname")
        .gauge("index_bloat_bytes", "Estimate of the space that a B-tree takes and doesn't need.")
        .gauge("index_bloat_ratio", "The same as a share of the index.")
        .build();
  }

  private static MetricQuery totals() {
    return MetricQuery.database(
            TABLES
                + """
                SELECT current_database() AS datname,
                       coalesce(sum(bloat) FILTER (WHERE estimated), 0) AS bloat_tables_bytes,
                       count(*) FILTER (WHERE NOT estimated) AS bloat_unestimated_tables
                  FROM estimate
                """)
        .onPrimary()
        .labels("datname")
        .gauge("bloat_tables_bytes", "Sum of the estimates for all tables of the database.")
        .gauge(
            "bloat_unestimated_tables",
            "Tables without an estimate: never analyzed, or the plugin's role may not see their"
                + " columns' widths.")
        .build();
  }
}
