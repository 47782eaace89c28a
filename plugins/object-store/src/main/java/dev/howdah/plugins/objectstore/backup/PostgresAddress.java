package dev.howdah.plugins.objectstore.backup;

import dev.howdah.postgres.UnixSocketFactory;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Properties;
import org.postgresql.Driver;

/**
 * Where the PostgreSQL to back up listens and as whom to log in.
 *
 * @param host host name, or directory of its Unix socket if it begins with a slash
 * @param port port; part of the socket's name, too
 * @param user role; a superuser or a member of {@code pg_read_all_settings} that may run the backup
 *     functions
 * @param database any database
 */
public record PostgresAddress(String host, int port, String user, String database) {

  /** What libpq's variables say, with the operator's defaults for the instance's container. */
  public static PostgresAddress fromEnvironment(Map<String, String> environment) {
    return new PostgresAddress(
        environment.getOrDefault("PGHOST", "/controller/run"),
        Integer.parseInt(environment.getOrDefault("PGPORT", "5432")),
        environment.getOrDefault("PGUSER", "postgres"),
        environment.getOrDefault("PGDATABASE", "postgres"));
  }

  Connection connect() throws SQLException {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("ApplicationName", "howdah-object-store");
    properties.setProperty("connectTimeout", "10");
    boolean local = host.startsWith("/");
    if (local) {
      properties.setProperty("socketFactory", UnixSocketFactory.class.getName());
      properties.setProperty("socketFactoryArg", host + "/.s.PGSQL." + port);
      properties.setProperty("sslmode", "disable");
    }
    String url = "jdbc:postgresql://%s:%d/%s".formatted(local ? "localhost" : host, port, database);
    Connection connection = new Driver().connect(url, properties);
    if (connection == null) {
      throw new SQLException("the driver doesn't know its own URLs");
    }
    return connection;
  }
}
