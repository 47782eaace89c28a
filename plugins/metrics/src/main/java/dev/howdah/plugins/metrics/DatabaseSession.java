package dev.howdah.plugins.metrics;

import dev.howdah.plugins.metrics.query.MetricQuery;
import dev.howdah.plugins.metrics.query.RowReader;
import dev.howdah.postgres.LocalPostgres;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to one database, and what can be asked there. Every statement is a read-only
 * transaction of its own under a time limit. For one thread.
 */
final class DatabaseSession implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(DatabaseSession.class);
  private static final int GRACE_SECONDS = 3;

  /**
   * What decides about statements: the major, where pg_stat_statements is, and whether a superuser
   * has installed the functions that tell what a member of pg_monitor may not see. A function of
   * anybody else's would run with this role's rights, so it isn't used.
   */
  private static final String FACTS =
      """
      SELECT current_setting('server_version_num')::int / 10000 AS major,
             pg_is_in_recovery() AS standby,
             (SELECT quote_ident(n.nspname)
                FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
               WHERE e.extname = 'pg_stat_statements') AS statements,
             (SELECT array_agg(p.proname ORDER BY p.proname)
                FROM pg_proc p
                JOIN pg_namespace n ON n.oid = p.pronamespace
                JOIN pg_roles r ON r.oid = p.proowner
               WHERE n.nspname = 'howdah' AND p.pronargs = 0 AND r.rolsuper
                 AND has_schema_privilege(n.oid, 'USAGE')
                 AND has_function_privilege(p.oid, 'EXECUTE')) AS functions
      """;

  private static final String OWN_WIDTHS =
      """
      (SELECT a.attrelid AS relid, a.attnum, s.avg_width AS width, s.null_frac AS null_fraction
         FROM pg_stats s
         JOIN pg_namespace n ON n.nspname = s.schemaname
         JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = s.tablename
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = s.attname
        WHERE NOT s.inherited)\
      """;

  private static final String OWN_SEQUENCES =
      """
      (SELECT seqrelid AS sequence, pg_sequence_last_value(seqrelid) AS last_value
         FROM pg_sequence WHERE has_sequence_privilege(seqrelid, 'SELECT, USAGE'))\
      """;

  private final Connection connection;
  private final int major;
  private final boolean standby;
  private final Map<String, String> variables;

  private DatabaseSession(
      Connection connection, int major, boolean standby, Map<String, String> variables) {
    this.connection = connection;
    this.major = major;
    this.standby = standby;
    this.variables = variables;
  }

  /**
   * Connects.
   *
   * @throws SQLException if that fails; the connection is closed then
   */
  static DatabaseSession open(CollectionPlan plan, String database) throws SQLException {
    MetricsParameters parameters = plan.parameters();
    Connection connection =
        new LocalPostgres(Path.of(parameters.socketDirectory()), parameters.port())
            .connect(parameters.role(), database, properties(parameters));
    try {
      connection.setAutoCommit(false);
      connection.setReadOnly(true);
      return withFacts(connection, plan);
    } catch (SQLException | RuntimeException e) {
      close(connection, e);
      throw e;
    }
  }

  private static Map<String, String> properties(MetricsParameters parameters) {
    long limit = parameters.statementLimit().toMillis();
    return Map.of(
        "ApplicationName",
        "howdah-metrics",
        "assumeMinServerVersion",
        "14",
        // Beyond PostgreSQL's own limit: for a server that doesn't answer at all.
        "socketTimeout",
        Long.toString(limit / 1000 + GRACE_SECONDS),
        "connectTimeout",
        Integer.toString(GRACE_SECONDS),
        "options",
        // Nothing of a user's is found by an unqualified name.
        "-c search_path=pg_catalog,pg_temp -c default_transaction_read_only=on -c jit=off"
            + " -c lock_timeout=1s -c idle_in_transaction_session_timeout=30s"
            + " -c statement_timeout="
            + limit);
  }

  private static DatabaseSession withFacts(Connection connection, CollectionPlan plan)
      throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(FACTS)) {
      row.next();
      Map<String, String> variables = new HashMap<>(plan.variables());
      Optional.ofNullable(row.getString("statements"))
          .ifPresent(schema -> variables.put("statements", schema));
      Array functions = row.getArray("functions");
      List<String> names = functions == null ? List.of() : List.of((String[]) functions.getArray());
      variables.put(
          "widths", names.contains("column_widths") ? "howdah.column_widths()" : OWN_WIDTHS);
      variables.put(
          "sequenceValues",
          names.contains("sequence_values") ? "howdah.sequence_values()" : OWN_SEQUENCES);
      return new DatabaseSession(
          connection, row.getInt("major"), row.getBoolean("standby"), Map.copyOf(variables));
    } finally {
      connection.rollback();
    }
  }

  /** The databases that can be looked into, by name. */
  List<String> databases() throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT datname FROM pg_database
                 WHERE datallowconn AND NOT datistemplate
                   AND has_database_privilege(oid, 'CONNECT')
                 ORDER BY datname COLLATE "C"
                """)) {
      List<String> names = new ArrayList<>();
      while (rows.next()) {
        names.add(rows.getString(1));
      }
      return names;
    } finally {
      connection.rollback();
    }
  }

  /**
   * Asks a statement.
   *
   * @return its rows; none if it isn't for this server
   * @throws SQLException if it fails
   */
  RowReader ask(MetricQuery query) throws SQLException {
    RowReader reader = new RowReader(query);
    Optional<String> sql =
        query.primaryOnly() && standby ? Optional.empty() : query.sqlFor(major, variables);
    if (sql.isEmpty()) {
      return reader;
    }
    try (Statement statement = connection.createStatement()) {
      statement.setEscapeProcessing(false);
      // One more than is taken, so that it shows that there are more.
      statement.setMaxRows(query.mostRows() + 1);
      try (ResultSet rows = statement.executeQuery(sql.get())) {
        reader.read(rows);
      }
      return reader;
    } finally {
      if (!connection.isClosed()) {
        connection.rollback();
      }
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // PostgreSQL ends the session when it sees that nobody is there.
      log.atDebug().setCause(e).log("A connection didn't close cleanly");
    }
  }

  private static void close(Connection connection, Exception because) {
    try {
      connection.close();
    } catch (SQLException e) {
      because.addSuppressed(e);
    }
  }
}
