package dev.howdah.plugins.metrics.catalogue;

import dev.howdah.plugins.metrics.query.MetricQuery;
import java.util.List;

/**
 * Checkpoints, reads and writes. PostgreSQL moved them between views: checkpoints left {@code
 * pg_stat_bgwriter} for {@code pg_stat_checkpointer} in 17, {@code pg_stat_io} came in 16 and
 * counts bytes since 18. Here they have the same names in every major.
 */
final class Io {

  private Io() {}

  static List<MetricQuery> queries() {
    return List.of(checkpoints(), checkpointWork(), lastCheckpoint(), io());
  }

  private static MetricQuery checkpoints() {
    return MetricQuery.server(
            """
            SELECT kind.kind, kind.checkpoints
              FROM pg_stat_bgwriter b,
                   (VALUES ('timed'), ('requested')) AS name (kind),
                   LATERAL (SELECT name.kind,
                                   CASE name.kind WHEN 'timed' THEN b.checkpoints_timed
                                        ELSE b.checkpoints_req END) AS kind (kind, checkpoints)
             ORDER BY 1
            """)
        .since(
            17,
            """
            SELECT 'requested' AS kind, num_requested AS checkpoints FROM pg_stat_checkpointer
            UNION ALL
            SELECT 'timed', num_timed FROM pg_stat_checkpointer
            ORDER BY 1
            """)
        .labels("kind")
        .counter(
            "checkpoints",
            "Checkpoints by kind: timed, or requested because max_wal_size was reached or somebody"
                + " asked.")
        .build();
  }

  private static MetricQuery checkpointWork() {
    return MetricQuery.server(
            """
            SELECT checkpoint_write_time / 1000 AS checkpoint_write_seconds,
                   checkpoint_sync_time / 1000 AS checkpoint_sync_seconds
              FROM pg_stat_bgwriter
            """)
        .since(
            17,
            """
            SELECT write_time / 1000 AS checkpoint_write_seconds,
                   sync_time / 1000 AS checkpoint_sync_seconds
              FROM pg_stat_checkpointer
            """)
        .counter("checkpoint_write_seconds", "Time that checkpoints took for writing.")
        .counter("checkpoint_sync_seconds", "Time that checkpoints took for syncing.")
        .build();
  }

  private static MetricQuery lastCheckpoint() {
    return MetricQuery.server(
            """
            SELECT extract(epoch FROM clock_timestamp() - checkpoint_time) AS checkpoint_age_seconds
              FROM pg_control_checkpoint()
            """)
        .gauge(
            "checkpoint_age_seconds",
            "Time since the last checkpoint began; on a standby, the one it would restart from.")
        .build();
  }

  private static MetricQuery io() {
    return MetricQuery.server(
            """
            WITH block AS (SELECT current_setting('block_size')::float8 AS size)
            SELECT 'checkpointer' AS backend_type, 'relation' AS object, 'normal' AS context,
                   NULL::float8 AS io_read_bytes, buffers_checkpoint * size AS io_write_bytes,
                   NULL::float8 AS io_extend_bytes, NULL::float8 AS io_hits,
                   NULL::float8 AS io_evictions, NULL::float8 AS io_fsyncs,
                   NULL::float8 AS io_read_seconds, NULL::float8 AS io_write_seconds
              FROM pg_stat_bgwriter, block
            UNION ALL
            SELECT 'background writer', 'relation', 'normal', NULL, buffers_clean * size, NULL,
                   NULL, NULL, NULL, NULL, NULL
              FROM pg_stat_bgwriter, block
            UNION ALL
            SELECT 'all others', 'relation', 'normal', NULL, buffers_backend * size, NULL,
                   NULL, NULL, buffers_backend_fsync, NULL, NULL
              FROM pg_stat_bgwriter, block
            UNION ALL
            SELECT 'all', 'relation', 'normal', sum(blks_read) * min(size), NULL, NULL,
                   sum(blks_hit), NULL, NULL, sum(blk_read_time) / 1000, sum(blk_write_time) / 1000
              FROM pg_stat_database, block
            ORDER BY 1
            """)
        .since(
            16,
            """
            SELECT backend_type, object, context,
                   coalesce(reads, 0) * op_bytes::float8 AS io_read_bytes,
                   coalesce(writes, 0) * op_bytes::float8 AS io_write_bytes,
                   coalesce(extends, 0) * op_bytes::float8 AS io_extend_bytes,
                   coalesce(hits, 0) AS io_hits, coalesce(evictions, 0) AS io_evictions,
                   coalesce(fsyncs, 0) AS io_fsyncs,
                   coalesce(read_time, 0) / 1000 AS io_read_seconds,
                   coalesce(write_time, 0) / 1000 AS io_write_seconds
              FROM pg_stat_io
             WHERE coalesce(reads, 0) + coalesce(writes, 0) + coalesce(extends, 0)
                     + coalesce(hits, 0) + coalesce(fsyncs, 0) > 0
             ORDER BY backend_type, object, context
            """)
        .since(
            18,
            """
            SELECT backend_type, object, context,
                   coalesce(read_bytes, 0) AS io_read_bytes,
                   coalesce(write_bytes, 0) AS io_write_bytes,
                   coalesce(extend_bytes, 0) AS io_extend_bytes,
                   coalesce(hits, 0) AS io_hits, coalesce(evictions, 0) AS io_evictions,
                   coalesce(fsyncs, 0) AS io_fsyncs,
                   coalesce(read_time, 0) / 1000 AS io_read_seconds,
                   coalesce(write_time, 0) / 1000 AS io_write_seconds
              FROM pg_stat_io
             WHERE coalesce(reads, 0) + coalesce(writes, 0) + coalesce(extends, 0)
                     + coalesce(hits, 0) + coalesce(fsyncs, 0) > 0
             ORDER BY backend_type, object, context
            """)
        .labels("backend_type", "object", "context")
        .counter(
            "io_read_bytes",
            "Bytes read, by who, from what and how; before PostgreSQL 16 only in sum over all.")
        .counter(
            "io_write_bytes",
            "Bytes written; before PostgreSQL 16 by checkpointer, background writer and all"
                + " others, whose extensions are counted with them.")
        .counter("io_extend_bytes", "Bytes that files grew by. From PostgreSQL 16 on.")
        .counter("io_hits", "Blocks found in shared buffers.")
        .counter("io_evictions", "Blocks that others had to make room for. From PostgreSQL 16 on.")
        .counter(
            "io_fsyncs",
            "Syncs; those of client backends mean that the checkpointer can't keep up.")
        .counter("io_read_seconds", "Time spent reading; 0 without track_io_timing.")
        .counter("io_write_seconds", "Time spent writing; 0 without track_io_timing.")
        .build();
  }
}
