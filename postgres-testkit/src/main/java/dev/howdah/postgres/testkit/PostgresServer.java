package dev.howdah.postgres.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * A real PostgreSQL of a given major on a free port of the loopback interface and on a Unix socket,
 * from the binaries that Maven laid beside the tests. PostgreSQL refuses to run as root, so root's
 * tests run it as {@code nobody}.
 */
public final class PostgresServer implements AutoCloseable {

  private static final Map<Integer, Path> INSTALLED = new ConcurrentHashMap<>();
  private static final Map<Integer, Path> INITIALISED = new ConcurrentHashMap<>();
  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

  private final Path home;
  private final Path data;
  private final int port;

  private PostgresServer(Path home, Path data, int port) {
    this.home = home;
    this.data = data;
    this.port = port;
  }

  /**
   * Starts one; its data directory is new.
   *
   * @param major which PostgreSQL
   * @param configuration its configuration, beyond where it listens
   * @throws IllegalStateException if it doesn't start; the message ends with its log
   */
  public static PostgresServer start(int major, Map<String, String> configuration) {
    Path home = INSTALLED.computeIfAbsent(major, PostgresServer::install);
    Path data = INITIALISED.computeIfAbsent(major, ignored -> initialise(home));
    try {
      int port = freePort();
      // Nothing here is worth surviving a power cut.
      StringBuilder text = new StringBuilder("fsync = off\n");
      configuration.forEach(
          (name, value) ->
              text.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
      text.append("listen_addresses = '127.0.0.1'\nunix_socket_directories = '")
          .append(socketDirectory(data))
          .append("'\nport = ")
          .append(port)
          .append('\n');
      Files.writeString(data.resolve("postgresql.conf"), text);
      Files.deleteIfExists(data.resolve("postgresql.auto.conf"));
      Files.deleteIfExists(data.resolve("log.txt"));
      PostgresServer server = new PostgresServer(home, data, port);
      server.pgCtl("start", "-w", "-t", "60", "-l", data.resolve("log.txt").toString());
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where its Unix socket is. */
  public Path socketDirectory() {
    return socketDirectory(data);
  }

  private static Path socketDirectory(Path data) {
    return Objects.requireNonNull(data.getParent(), "the data directory has no parent");
  }

  /** The port on the loopback interface, and in the name of its Unix socket. */
  public int port() {
    return port;
  }

  /** The process that started the others. */
  public long processId() {
    try (Stream<String> lines = Files.lines(data.resolve("postmaster.pid"))) {
      return Long.parseLong(lines.findFirst().orElseThrow().strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The URL to connect to. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres".formatted(port);
  }

  /**
   * Runs statements as superuser, each in a transaction of its own.
   *
   * @param database where
   */
  public void execute(String database, String... statements) {
    String url = "jdbc:postgresql://127.0.0.1:%d/%s?user=postgres".formatted(port, database);
    try (Connection connection = DriverManager.getConnection(url);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Opens a connection as superuser. */
  public Connection connect() throws SQLException {
    return DriverManager.getConnection(url());
  }

  /** {@code pg_settings}: each value with its unit, by name. */
  public SortedMap<String, String> settings() {
    SortedMap<String, String> settings = new TreeMap<>();
    try (Connection connection = connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("select name, setting from pg_settings")) {
      while (rows.next()) {
        settings.put(rows.getString(1), rows.getString(2));
      }
    } catch (SQLException e) {
      throw new IllegalStateException("pg_settings can't be read.", e);
    }
    return settings;
  }

  @Override
  public void close() {
    pgCtl("stop", "-w", "-m", "immediate");
  }

  private void pgCtl(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(home.resolve("bin/pg_ctl").toString(), "-s", "-D", data.toString()));
    command.addAll(List.of(arguments));
    run(command, data.resolve("log.txt"));
  }

  private static Path install(int major) {
    Path jar = binaries().resolve("postgres-%d.jar".formatted(major));
    Path home = temporaryDirectory("howdah-postgres-" + major);
    try (var zip = new java.util.zip.ZipFile(jar.toFile())) {
      var archive =
          zip.stream().filter(entry -> entry.getName().endsWith(".txz")).findFirst().orElseThrow();
      try (InputStream in = zip.getInputStream(archive);
          TarArchiveInputStream tar = new TarArchiveInputStream(new XZCompressorInputStream(in))) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          unpack(tar, entry, home);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return home;
  }

  private static Path binaries() {
    try (InputStream in = PostgresServer.class.getResourceAsStream("postgres.properties")) {
      Properties properties = new Properties();
      properties.load(Objects.requireNonNull(in, "postgres.properties is missing"));
      return Path.of(properties.getProperty("binaries"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void unpack(TarArchiveInputStream tar, TarArchiveEntry entry, Path home)
      throws IOException {
    Path target = home.resolve(entry.getName()).normalize();
    if (entry.isDirectory()) {
      Files.createDirectories(target);
      return;
    }
    Files.createDirectories(target.getParent());
    if (entry.isSymbolicLink()) {
      Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
      return;
    }
    Files.copy(tar, target);
    boolean executable = (entry.getMode() & 0100) != 0;
    Files.setPosixFilePermissions(
        target, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
  }

  private static Path initialise(Path home) {
    Path data = temporaryDirectory("howdah-postgres-data");
    if (ROOT) {
      try {
        Files.setOwner(
            data,
            data.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    Path cluster = data.resolve("data");
    run(
        List.of(
            home.resolve("bin/initdb").toString(),
            "-D",
            cluster.toString(),
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync"),
        data.resolve("none"));
    return cluster;
  }

  private static void run(List<String> command, Path log) {
    List<String> whole = new ArrayList<>();
    if (ROOT) {
      whole.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
    }
    whole.addAll(command);
    try {
      Path output = Files.createTempFile("howdah-postgres", ".out");
      Process process =
          new ProcessBuilder(whole)
              .directory(Path.of("/").toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      if (!process.waitFor(90, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
      String said = Files.readString(output);
      Files.delete(output);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(
            "%s failed: %s%n%s"
                .formatted(command, said, Files.exists(log) ? Files.readString(log) : ""));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Path temporaryDirectory(String prefix) {
    try {
      Path directory = Files.createTempDirectory(prefix);
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path directory) {
    try (Stream<Path> paths = Files.walk(directory)) {
      paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
