package dev.howdah.plugins.metrics.catalogue;

import dev.howdah.plugins.metrics.query.MetricQuery;
import java.util.List;

/**
 * Replication slots, and what WAL is kept for. The exporter itself has the WAL that each slot
 * keeps; here is how much more it may, and whether it is already too late.
 */
final class Slots {

  private Slots() {}

  static List<MetricQuery> queries() {
    return List.of(slots(), inactive(), states(), used(), decoding(), retained());
  }

  private static MetricQuery slots() {
    return MetricQuery.server(
            """
            SELECT slot_name, slot_type, safe_wal_size AS slot_safe_wal_bytes,
                   (wal_status = 'lost')::int AS slot_lost
              FROM pg_replication_slots
             ORDER BY slot_name
            """)
        .since(
            17,
            """
            SELECT slot_name, slot_type, safe_wal_size AS slot_safe_wal_bytes,
                   (wal_status = 'lost' OR invalidation_reason IS NOT NULL)::int AS slot_lost
              FROM pg_replication_slots
             ORDER BY slot_name
            """)
        .labels("slot_name", "slot_type")
        .gauge(
            "slot_safe_wal_bytes",
            "WAL that can still be written before the slot may be lost; none without"
                + " max_slot_wal_keep_size.")
        .gauge("slot_lost", "1 if the slot can't be used any more and must be made anew.")
        .build();
  }

  private static MetricQuery inactive() {
    return MetricQuery.server(
            """
            SELECT slot_name, slot_type,
                   CASE WHEN active THEN 0
                        ELSE extract(epoch FROM clock_timestamp() - inactive_since) END
                     AS slot_inactive_seconds
              FROM pg_replication_slots
             ORDER BY slot_name
            """)
        .onlySince(17)
        .labels("slot_name", "slot_type")
        .gauge(
            "slot_inactive_seconds",
            "How long nobody has used the slot; 0 while it is used. From PostgreSQL 17 on.")
        .build();
  }

  private static MetricQuery states() {
    return MetricQuery.server(
            """
            SELECT state.wal_status, count(s.slot_name) AS slots
              FROM (VALUES ('reserved'), ('extended'), ('unreserved'), ('lost'))
                   AS state (wal_status)
              LEFT JOIN pg_replication_slots s ON s.wal_status = state.wal_status
             GROUP BY state.wal_status
             ORDER BY state.wal_status
            """)
        .labels("wal_status")
        .gauge("slots", "Replication slots by whether the WAL they need is still there.")
        .build();
  }

  private static MetricQuery used() {
    return MetricQuery.server(
            """
            SELECT count(*) / greatest(current_setting('max_replication_slots')::float8, 1)
                     AS slots_used_ratio
              FROM pg_replication_slots
            """)
        .gauge("slots_used_ratio", "Replication slots as a share of the most allowed.")
        .build();
  }

  private static MetricQuery decoding() {
    return MetricQuery.server(
            """
            SELECT slot_name, spill_bytes AS slot_spilled_bytes,
                   stream_bytes AS slot_streamed_bytes, total_bytes AS slot_decoded_bytes
              FROM pg_stat_replication_slots
             ORDER BY slot_name
            """)
        .labels("slot_name")
        .counter(
            "slot_spilled_bytes",
            "Changes that logical decoding wrote to disk because a transaction didn't fit into"
                + " logical_decoding_work_mem.")
        .counter("slot_streamed_bytes", "Changes that it sent before their transaction ended.")
        .counter("slot_decoded_bytes", "Changes that it decoded.")
        .build();
  }

  private static MetricQuery retained() {
    return MetricQuery.server(
            """
            WITH now AS (
              SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                          ELSE pg_current_wal_lsn() END AS lsn
            )
            SELECT 'checkpoint' AS reason,
                   greatest(pg_wal_lsn_diff(now.lsn, c.redo_lsn), 0) AS wal_retained_bytes
              FROM now, pg_control_checkpoint() c
            UNION ALL
            SELECT 'slots', coalesce(greatest(max(pg_wal_lsn_diff(now.lsn, s.restart_lsn)), 0), 0)
              FROM now LEFT JOIN pg_replication_slots s ON s.wal_status <> 'lost'
            UNION ALL
            SELECT 'wal_keep_size', setting::float8 * 1024 * 1024
              FROM pg_settings WHERE name = 'wal_keep_size'
            ORDER BY 1
            """)
        .labels("reason")
        .gauge(
            "wal_retained_bytes",
            "WAL that must be kept, by reason: checkpoint (since the last one), slots (the one that"
                + " lags most), wal_keep_size. The largest holds.")
        .build();
  }
}
