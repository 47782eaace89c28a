package dev.howdah.postgres;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * A PostgreSQL that listens on a Unix socket.
 *
 * @param socketDirectory directory of the socket; in an instance Pod {@code /controller/run}
 * @param port the port in the socket's name
 */
public record LocalPostgres(Path socketDirectory, int port) {

  /**
   * Logs in. There is no password: over this socket the operator has PostgreSQL ask the kernel who
   * is there, and look the answer up in {@code pg_ident.conf}.
   *
   * @param role whom to log in as
   * @param database which database
   * @param properties more of the driver's; {@code socketTimeout}, in seconds, holds for the login,
   *     too
   * @throws SQLException if PostgreSQL isn't there or refuses
   */
  public Connection connect(String role, String database, Map<String, String> properties)
      throws SQLException {
    Properties all = new Properties();
    all.putAll(properties);
    all.setProperty("user", role);
    all.setProperty("PGDBNAME", database);
    all.setProperty("socketFactory", UnixSocketFactory.class.getName());
    all.setProperty("socketFactoryArg", socket().toString());
    all.setProperty("sslmode", "disable");
    all.setProperty("gssEncMode", "disable");
    // Not through DriverManager, which knows no driver of a plugin's own class loader.
    Connection connection = new Driver().connect("jdbc:postgresql://localhost/", all);
    if (connection == null) {
      throw new SQLException("the driver doesn't know its own URLs");
    }
    return connection;
  }

  /** Where the socket is. */
  public Path socket() {
    return socketDirectory.resolve(".s.PGSQL." + port);
  }
}
