package dev.howdah.plugins.objectstore.backup;

import dev.howdah.plugins.objectstore.layout.BackupInfo.Tablespace;
import dev.howdah.plugins.objectstore.layout.Lsn;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The one connection over which a backup is begun and ended: PostgreSQL takes the backup for broken
 * off as soon as it closes. For one thread.
 */
final class BackupSession implements AutoCloseable {

  private static final int FUNCTIONS_RENAMED = 15_00_00;

  private final Connection connection;
  private final Server server;

  private BackupSession(Connection connection, Server server) {
    this.connection = connection;
    this.server = server;
  }

  /**
   * What is to be backed up.
   *
   * @param version such as 160004
   * @param dataDirectory PGDATA
   * @param standby whether it is in recovery
   * @param tablespaces those outside of PGDATA
   * @param size size of all tablespaces in bytes
   */
  record Server(
      int version,
      Path dataDirectory,
      String configFile,
      String hbaFile,
      String identFile,
      boolean standby,
      String archiveMode,
      String dataChecksums,
      Optional<String> summarizeWal,
      String systemId,
      long segmentSize,
      long size,
      List<Tablespace> tablespaces) {

    Server {
      tablespaces = List.copyOf(tablespaces);
    }

    /** The name that tablespace directories of this version begin with. */
    String tablespacePrefix() {
      return "PG_%d_".formatted(version / 10000);
    }
  }

  static BackupSession open(PostgresAddress address) throws SQLException {
    Connection connection = address.connect();
    try {
      try (Statement statement = connection.createStatement()) {
        statement.execute("SET statement_timeout = 0");
        statement.execute("SET lock_timeout = 0");
        statement.execute("SET idle_session_timeout = 0");
        statement.execute("SET client_min_messages = warning");
      }
      return new BackupSession(connection, readServer(connection));
    } catch (SQLException e) {
      connection.close();
      throw e;
    }
  }

  Server server() {
    return server;
  }

  /**
   * Begins the backup.
   *
   * @param fast whether to checkpoint at once instead of waiting for the next one
   */
  void start(String label, boolean fast) throws SQLException {
    String sql =
        server.version() >= FUNCTIONS_RENAMED
            ? "SELECT pg_backup_start(?, ?)"
            : "SELECT pg_start_backup(?, ?, false)";
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      statement.setString(1, label);
      statement.setBoolean(2, fast);
      statement.execute();
    }
  }

  /** Ends the backup, without waiting for its WAL; on a primary this switches to a new segment. */
  StoppedBackup stop() throws SQLException {
    String function =
        server.version() >= FUNCTIONS_RENAMED
            ? "pg_backup_stop(false)"
            : "pg_stop_backup(false, false)";
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT lsn::text, labelfile FROM " + function)) {
      row.next();
      return new StoppedBackup(Lsn.parse(row.getString(1)), row.getString(2));
    }
  }

  private static Server readServer(Connection connection) throws SQLException {
    int version = Integer.parseInt(text(connection, "SHOW server_version_num"));
    return new Server(
        version,
        Path.of(text(connection, "SHOW data_directory")),
        text(connection, "SHOW config_file"),
        text(connection, "SHOW hba_file"),
        text(connection, "SHOW ident_file"),
        text(connection, "SELECT pg_is_in_recovery()::text").equals("true"),
        text(connection, "SHOW archive_mode"),
        text(connection, "SHOW data_checksums"),
        version >= 17_00_00
            ? Optional.of(text(connection, "SHOW summarize_wal"))
            : Optional.empty(),
        text(connection, "SELECT system_identifier::text FROM pg_control_system()"),
        Long.parseLong(
            text(connection, "SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'")),
        Long.parseLong(
            text(connection, "SELECT sum(pg_tablespace_size(oid))::text FROM pg_tablespace")),
        tablespaces(connection));
  }

  // Those in place lie in PGDATA and are stored with it.
  private static List<Tablespace> tablespaces(Connection connection) throws SQLException {
    List<Tablespace> tablespaces = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT spcname, oid, pg_tablespace_location(oid) FROM pg_tablespace"
                    + " WHERE pg_tablespace_location(oid) LIKE '/%' ORDER BY oid")) {
      while (rows.next()) {
        tablespaces.add(new Tablespace(rows.getString(1), rows.getLong(2), rows.getString(3)));
      }
    }
    return tablespaces;
  }

  private static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      if (!row.next()) {
        throw new SQLException("no answer to: " + sql);
      }
      return String.valueOf(row.getString(1));
    }
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
