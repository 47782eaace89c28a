package dev.howdah.plugins.metrics.catalogue;

import dev.howdah.plugins.metrics.query.MetricQuery;
import java.util.List;

/**
 * How far sequences are from their end: their own, or that of the column they fill if its type ends
 * sooner (an {@code integer} filled by a {@code bigint} sequence). Those that cycle never end.
 */
final class Sequences {

  private static final String RANGE =
      """
      WITH owner AS (
        SELECT d.objid AS sequence,
               min(CASE a.atttypid WHEN 'int2'::regtype THEN 32767
                                   WHEN 'int4'::regtype THEN 2147483647 END) AS most,
               max(CASE a.atttypid WHEN 'int2'::regtype THEN -32768
                                   WHEN 'int4'::regtype THEN -2147483648 END) AS least
          FROM pg_depend d
          JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
         WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
           AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
         GROUP BY d.objid
      ), range AS (
        SELECT n.nspname AS schemaname, c.relname AS sequencename, s.seqincrement::float8 AS step,
               s.seqstart, v.sequence IS NOT NULL AS readable, v.last_value::float8 AS at,
               CASE WHEN s.seqincrement > 0 THEN s.seqmin ELSE s.seqmax END::float8 AS first,
               CASE WHEN s.seqincrement > 0 THEN least(s.seqmax, o.most)
                    ELSE greatest(s.seqmin, o.least) END::float8 AS last
          FROM pg_sequence s
          JOIN pg_class c ON c.oid = s.seqrelid
          JOIN pg_namespace n ON n.oid = c.relnamespace
          LEFT JOIN owner o ON o.sequence = s.seqrelid
          LEFT JOIN {sequenceValues} v ON v.sequence = s.seqrelid
         WHERE NOT s.seqcycle AND c.relpersistence <> 't'
      )
      """;

  private Sequences() {}

  static List<MetricQuery> queries() {
    return List.of(fullest(), unreadable());
  }

  private static MetricQuery fullest() {
    return MetricQuery.database(
            RANGE
                + """
                SELECT current_database() AS datname, schemaname, sequencename,
                       coalesce((at - first) / nullif(last - first, 0), 0) AS sequence_used_ratio,
                       floor((last - coalesce(at, seqstart - step)) / step) AS sequence_values_left
                  FROM range
                 WHERE readable
                 ORDER BY 4 DESC, schemaname, sequencename
                 LIMIT {top}
                """)
        .onPrimary()
        .labels("datname", "schemaname", "sequencename")
        .gauge(
            "sequence_used_ratio",
            "Share of its values that a sequence has used, or of those that fit into the column it"
                + " fills; the fullest.")
        .gauge("sequence_values_left", "Values that are left to it.")
        .build();
  }

  private static MetricQuery unreadable() {
    return MetricQuery.database(
            RANGE
                + """
                SELECT current_database() AS datname,
                       count(*) FILTER (WHERE NOT readable) AS sequences_unreadable
                  FROM range
                """)
        .onPrimary()
        .labels("datname")
        .gauge("sequences_unreadable", "Sequences whose value the plugin's role may not see.")
        .build();
  }
}
