package dev.howdah.plugins.configuration.cli;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;

/**
 * Reads {@code pg_settings} of a running server. Takes a JDBC URL, a {@code postgresql://} URI or
 * libpq's {@code key=value} pairs; user and password may also come from {@code PGUSER} and {@code
 * PGPASSWORD}.
 */
final class LiveServer {

  private static final Pattern PAIR =
      Pattern.compile("\\s*(\\w+)\\s*=\\s*('(?:[^'\\\\]|\\\\.)*'|\\S*)");
  private static final Pattern URI =
      Pattern.compile(
          "postgres(?:ql)?://(?:([^:@/]*)(?::([^@/]*))?@)?([^/?]*)(?:/([^?]*))?(?:\\?(.*))?");
  private static final int TIMEOUT_SECONDS = 10;

  private final String url;
  private final Properties properties;

  private LiveServer(String url, Properties properties) {
    this.url = url;
    this.properties = properties;
  }

  /**
   * Understands a connection string; doesn't connect.
   *
   * @param environment the environment's variables
   * @throws IllegalArgumentException if it is none; the message doesn't repeat it, since it may
   *     hold a password
   */
  static LiveServer of(String connection, Map<String, String> environment) {
    Properties properties = new Properties();
    properties.setProperty("connectTimeout", Integer.toString(TIMEOUT_SECONDS));
    properties.setProperty("socketTimeout", Integer.toString(TIMEOUT_SECONDS));
    properties.setProperty("ApplicationName", "howdah configuration explain");
    putUnlessEmpty(properties, "user", environment.getOrDefault("PGUSER", ""));
    putUnlessEmpty(properties, "password", environment.getOrDefault("PGPASSWORD", ""));
    if (connection.startsWith("jdbc:postgresql:")) {
      return new LiveServer(connection, properties);
    }
    Matcher uri = URI.matcher(connection);
    if (uri.matches()) {
      putUnlessEmpty(properties, "user", decoded(uri.group(1)));
      putUnlessEmpty(properties, "password", decoded(uri.group(2)));
      String database = uri.group(4) == null || uri.group(4).isEmpty() ? "postgres" : uri.group(4);
      String query = uri.group(5) == null ? "" : "?" + uri.group(5);
      return new LiveServer(
          "jdbc:postgresql://%s/%s%s".formatted(uri.group(3), database, query), properties);
    }
    return ofPairs(connection, properties);
  }

  private static LiveServer ofPairs(String connection, Properties properties) {
    Map<String, String> pairs = new TreeMap<>();
    Matcher matcher = PAIR.matcher(connection);
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      String value = matcher.group(2);
      boolean quoted = value.startsWith("'");
      pairs.put(
          matcher.group(1).toLowerCase(Locale.ROOT),
          quoted ? value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1") : value);
      end = matcher.end();
    }
    if (end == 0 || !connection.substring(end).isBlank()) {
      throw new IllegalArgumentException(
          "--live needs a JDBC URL, a postgresql:// URI or pairs such as 'host=… dbname=…"
              + " user=…'.");
    }
    putUnlessEmpty(properties, "user", pairs.getOrDefault("user", ""));
    putUnlessEmpty(properties, "password", pairs.getOrDefault("password", ""));
    putUnlessEmpty(properties, "sslmode", pairs.getOrDefault("sslmode", ""));
    putUnlessEmpty(properties, "sslrootcert", pairs.getOrDefault("sslrootcert", ""));
    putUnlessEmpty(properties, "sslcert", pairs.getOrDefault("sslcert", ""));
    putUnlessEmpty(properties, "sslkey", pairs.getOrDefault("sslkey", ""));
    String database = pairs.getOrDefault("dbname", "postgres");
    return new LiveServer(
        "jdbc:postgresql://%s:%s/%s"
            .formatted(
                pairs.getOrDefault("host", "localhost"),
                pairs.getOrDefault("port", "5432"),
                URLEncoder.encode(database, StandardCharsets.UTF_8)),
        properties);
  }

  /** Every parameter, by name. */
  Map<String, LiveSetting> settings() throws SQLException {
    Map<String, LiveSetting> settings = new TreeMap<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "select name, current_setting(name, true), setting, source, pending_restart from"
                    + " pg_catalog.pg_settings")) {
      while (rows.next()) {
        String shown = rows.getString(2);
        settings.put(
            rows.getString(1),
            new LiveSetting(
                shown == null ? "" : shown,
                rows.getString(3) == null ? "" : rows.getString(3),
                rows.getString(4),
                rows.getBoolean(5)));
      }
    }
    return settings;
  }

  /** Not through DriverManager, whose failures repeat the URL, and perhaps a password in it. */
  private Connection connect() throws SQLException {
    Connection connection = new Driver().connect(url, properties);
    if (connection == null) {
      throw new IllegalArgumentException("--live has a JDBC URL that can't be read.");
    }
    return connection;
  }

  private static void putUnlessEmpty(Properties properties, String name, String value) {
    if (!value.isEmpty()) {
      properties.setProperty(name, value);
    }
  }

  private static String decoded(@Nullable String part) {
    return part == null ? "" : URLDecoder.decode(part, StandardCharsets.UTF_8);
  }
}
