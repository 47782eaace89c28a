package dev.howdah.plugins.objectstore.backup;

import dev.howdah.plugins.objectstore.backup.BackupSession.Server;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.PythonValue;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Collects what {@code backup.info} says of a backup while it is made. For one thread. */
final class BackupDescription {

  private final Clock clock;
  private final String name;
  private final Instant began;
  private final BackupInfo.Builder info;
  private final Map<String, PythonValue> copyTimes = new LinkedHashMap<>();

  /** Begins with what is known before anything is done. */
  BackupDescription(Clock clock, String name, Instant began) {
    this.clock = clock;
    this.name = name;
    this.began = began;
    this.info = begun();
  }

  private BackupInfo.Builder begun() {
    return BackupInfo.builder().put("backup_name", name).put("begin_time", began);
  }

  /** Which PostgreSQL it is of. */
  void server(Server server) {
    info.put("version", server.version())
        .put("pgdata", server.dataDirectory())
        .put("config_file", server.configFile())
        .put("hba_file", server.hbaFile())
        .put("ident_file", server.identFile())
        .put("data_checksums", server.dataChecksums())
        .put("systemid", server.systemId())
        .put("xlog_segment_size", server.segmentSize())
        .put("cluster_size", server.size())
        .tablespaces(server.tablespaces());
    server.summarizeWal().ifPresent(value -> info.put("summarize_wal", value));
  }

  /**
   * A directory was copied.
   *
   * @param item {@code data}, or a tablespace's OID
   * @param from when that began
   */
  void copied(String item, Instant from) {
    copyTimes.put(item, seconds(from));
  }

  /**
   * All of it was copied.
   *
   * @param copyBegan when that began
   * @param jobs how many files were read at a time
   */
  void stopped(Server server, StoppedBackup stopped, Instant copyBegan, int jobs) {
    PythonValue total = seconds(copyBegan);
    Map<String, PythonValue> none = new LinkedHashMap<>();
    copyTimes.keySet().forEach(item -> none.put(item, new PythonValue.Literal("0")));
    Map<String, PythonValue> stats = new LinkedHashMap<>();
    stats.put("total_time", total);
    stats.put("number_of_workers", new PythonValue.Literal(String.valueOf(jobs)));
    stats.put("analysis_time", new PythonValue.Literal("0"));
    stats.put("analysis_time_per_item", new PythonValue.Dictionary(none));
    stats.put("copy_time_per_item", new PythonValue.Dictionary(copyTimes));
    stats.put("serialized_copy_time_per_item", new PythonValue.Dictionary(copyTimes));
    stats.put("copy_time", total);
    stats.put("serialized_copy_time", total);
    info.put("begin_xlog", stopped.begin())
        .put("begin_wal", stopped.beginWal())
        .put("begin_offset", stopped.begin().offset(server.segmentSize()))
        .put("end_xlog", stopped.end())
        .put("end_wal", stopped.lastWal(server.segmentSize()).name(server.segmentSize()))
        .put("end_offset", stopped.end().offset(server.segmentSize()))
        .put("timeline", stopped.timeline())
        .put("backup_label", new PythonValue.Text(stopped.label()))
        .put("end_time", clock.instant())
        .put("copy_stats", new PythonValue.Dictionary(stats));
  }

  /** What is published of it when it is complete. */
  BackupInfo done() {
    return info.put("status", BackupInfo.DONE).build();
  }

  /** What is left of it when it failed. */
  BackupInfo failed(String error) {
    return begun().put("status", BackupInfo.FAILED).put("error", error).build();
  }

  private PythonValue seconds(Instant from) {
    double seconds = Duration.between(from, clock.instant()).toMillis() / 1000.0;
    return new PythonValue.Literal(String.valueOf(seconds));
  }
}
