package dev.howdah.plugins.objectstore.postgres;

import static org.awaitility.Awaitility.await;

import dev.howdah.plugins.objectstore.backup.PostgresAddress;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.awaitility.core.ConditionTimeoutException;
import org.awaitility.core.TerminalFailureException;
import org.tukaani.xz.XZInputStream;

/**
 * A real PostgreSQL server of this test's own, from the binaries on the class path. It refuses to
 * run as root, so there it runs as another user.
 */
public final class Postgres implements AutoCloseable {

  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
  private static final String USER = "postgres";
  private static Path binaries;

  private final Path data;
  private final int port;
  private Process process;

  private Postgres(Path data, int port) {
    this.data = data;
    this.port = port;
  }

  /** An empty directory that the server's user owns. */
  public static Path directory() throws IOException {
    Path directory = Files.createTempDirectory(Path.of("/tmp"), "hpg");
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    own(directory);
    return directory;
  }

  /** Gives all below a path to the server's user. */
  public static void own(Path path) throws IOException {
    if (ROOT) {
      run(List.of("chown", "-R", USER, path.toString()));
    }
  }

  public static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .sorted(Comparator.reverseOrder())
          .forEach(
              file -> {
                try {
                  Files.delete(file);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }

  /** Makes a new database cluster. */
  public static Postgres initialise(Path data, int port, Map<String, String> settings)
      throws IOException {
    return initialise(data, port, settings, List.of());
  }

  /** Makes a new database cluster with more options of initdb. */
  public static Postgres initialise(
      Path data, int port, Map<String, String> settings, List<String> options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(binaries().resolve("bin/initdb").toString());
    command.addAll(
        List.of("-D", data.toString(), "-U", "postgres", "-A", "trust", "-k", "-N", "-E", "UTF8"));
    command.add("--locale=C");
    command.addAll(options);
    run(asUser(command));
    Postgres postgres = new Postgres(data, port);
    postgres.configure(settings);
    return postgres;
  }

  /** A server over a data directory that is there. */
  public static Postgres over(Path data, int port) {
    return new Postgres(data, port);
  }

  public void configure(Map<String, String> settings) throws IOException {
    StringBuilder lines = new StringBuilder();
    settings.forEach(
        (name, value) ->
            lines.append(name).append(" = '").append(value.replace("'", "''")).append("'\n"));
    Files.writeString(
        data.resolve("postgresql.conf"), lines, java.nio.file.StandardOpenOption.APPEND);
  }

  public Path data() {
    return data;
  }

  public PostgresAddress address() {
    return new PostgresAddress(data.getParent().toString(), port, "postgres", "postgres");
  }

  public void start() throws IOException {
    List<String> command =
        asUser(
            List.of(
                binaries().resolve("bin/postgres").toString(),
                "-D",
                data.toString(),
                "-k",
                data.getParent().toString(),
                "-p",
                String.valueOf(port),
                "-h",
                ""));
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(log().toFile())
            .start();
  }

  /** Waits until it accepts statements that write. */
  public void awaitPrimary() throws Exception {
    awaitAnswer("f");
  }

  /** Waits until it answers while it replays. */
  public void awaitStandby() throws Exception {
    awaitAnswer("t");
  }

  /** Ends the current WAL segment, and waits until all that was written is archived. */
  public void awaitArchived() throws Exception {
    execute("SELECT pg_switch_wal()");
    String last = query("SELECT pg_walfile_name(pg_current_wal_lsn() - 1)");
    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                query("SELECT last_archived_wal >= '" + last + "' FROM pg_stat_archiver")
                    .equals("t"));
  }

  private void awaitAnswer(String inRecovery) throws Exception {
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(50))
          .failFast("PostgreSQL ended", () -> !process.isAlive())
          .ignoreExceptionsInstanceOf(java.sql.SQLException.class)
          .until(() -> query("SELECT pg_is_in_recovery()").equals(inRecovery));
    } catch (ConditionTimeoutException | TerminalFailureException e) {
      throw new IllegalStateException("PostgreSQL is not there:\n" + Files.readString(log()), e);
    }
  }

  private Path log() {
    return Path.of(data + ".log");
  }

  public void execute(String... statements) throws java.sql.SQLException {
    try (var connection = connect();
        var statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  public String query(String sql) throws java.sql.SQLException {
    try (var connection = connect();
        var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  public java.sql.Connection connect() throws java.sql.SQLException {
    var properties = new java.util.Properties();
    properties.setProperty("user", "postgres");
    properties.setProperty("socketFactory", "dev.howdah.postgres.UnixSocketFactory");
    properties.setProperty("socketFactoryArg", data.getParent() + "/.s.PGSQL." + port);
    properties.setProperty("sslmode", "disable");
    return java.sql.DriverManager.getConnection(
        "jdbc:postgresql://localhost:" + port + "/postgres", properties);
  }

  /** Ends it as a power cut would. */
  public void kill() throws Exception {
    signal("KILL");
  }

  public void stop() throws Exception {
    signal("INT");
  }

  private void signal(String signal) throws Exception {
    if (process == null || !process.isAlive()) {
      return;
    }
    String pid = Files.readAllLines(data.resolve("postmaster.pid")).getFirst();
    run(List.of("kill", "-" + signal, pid));
    process.waitFor(30, TimeUnit.SECONDS);
  }

  @Override
  public void close() throws Exception {
    signal("KILL");
  }

  private static synchronized Path binaries() throws IOException {
    if (binaries == null) {
      Path directory = Files.createTempDirectory(Path.of("/tmp"), "hpg-bin");
      Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
      try (InputStream resource = Postgres.class.getResourceAsStream("/postgres-linux-x86_64.txz");
          TarArchiveInputStream tar =
              new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(resource)))) {
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          Path path = directory.resolve(entry.getName());
          if (entry.isDirectory()) {
            Files.createDirectories(path);
          } else if (entry.isSymbolicLink()) {
            Files.createDirectories(path.getParent());
            Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
          } else {
            Files.createDirectories(path.getParent());
            Files.copy(tar, path);
            Files.setPosixFilePermissions(
                path,
                PosixFilePermissions.fromString(
                    (entry.getMode() & 0100) != 0 ? "rwxr-xr-x" : "rw-r--r--"));
          }
        }
      }
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(
                  () -> {
                    try {
                      delete(directory);
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  }));
      binaries = directory;
    }
    return binaries;
  }

  private static List<String> asUser(List<String> command) {
    if (!ROOT) {
      return command;
    }
    List<String> all = new ArrayList<>(List.of("setpriv", "--reuid", USER, "--clear-groups"));
    all.addAll(command);
    return all;
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + " failed:\n" + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
