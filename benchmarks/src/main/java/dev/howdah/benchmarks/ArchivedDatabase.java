package dev.howdah.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A PostgreSQL with generated rows, about as compressible as a shop's orders. Its WAL goes into a
 * folder while that is wanted. PostgreSQL refuses to run as root, so there it runs as its own user.
 */
final class ArchivedDatabase implements AutoCloseable {

  static final int PORT = 5432;

  private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
  private static final String USER = "postgres";
  private static final int ROWS_OF_A_MEBIBYTE = 6_300;
  private static final long SEGMENT = 16L << 20;
  private static final int WAIT_SECONDS = 60;
  private static final int PAUSE_MILLIS = 20;

  private final Workshop workshop;
  private final Path programs;
  private final Path home;
  private final Process process;
  private int copies;

  private ArchivedDatabase(Workshop workshop, Path programs, Path home, Process process) {
    this.workshop = workshop;
    this.programs = programs;
    this.home = home;
    this.process = process;
  }

  /**
   * Makes and starts one.
   *
   * @param programs the folder with PostgreSQL's programs
   */
  static ArchivedDatabase start(Workshop workshop, Path programs) throws IOException {
    Path home = workshop.folder("db");
    Files.createDirectory(home.resolve("shipped"));
    own(workshop, home);
    Path data = home.resolve("data");
    List<String> initialise =
        List.of(
            programs.resolve("initdb").toString(),
            "-D",
            data.toString(),
            "-U",
            USER,
            "-A",
            "trust",
            "-N",
            "-E",
            "UTF8",
            "--locale=C");
    workshop.run(asUser(), initialise, Map.of());
    // Whole or not at all, and only while somebody wants it.
    String ship =
        "if [ -e HOME/wanted ]; then cp %p HOME/shipped/%f.part && mv HOME/shipped/%f.part HOME/shipped/%f; fi"
            .replace("HOME", home.toString());
    Files.writeString(
        data.resolve("postgresql.conf"),
        """
        listen_addresses = ''
        unix_socket_directories = '%s'
        port = %d
        fsync = off
        autovacuum = off
        shared_buffers = 256MB
        maintenance_work_mem = 256MB
        max_wal_size = 4GB
        max_parallel_maintenance_workers = 0
        archive_mode = on
        archive_command = '%s'
        """
            .formatted(home, PORT, ship));
    List<String> command = new ArrayList<>(asUser());
    command.addAll(List.of(programs.resolve("postgres").toString(), "-D", data.toString()));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(workshop.folder().resolve("postgres.log").toFile())
            .start();
    ArchivedDatabase database =
        workshop.keep(new ArchivedDatabase(workshop, programs, home, process));
    database.awaitReady();
    return database;
  }

  private static List<String> asUser() {
    return ROOT
        ? List.of("setpriv", "--reuid", USER, "--regid", USER, "--clear-groups")
        : List.of();
  }

  private static void own(Workshop workshop, Path path) throws IOException {
    if (ROOT) {
      workshop.run(List.of(), List.of("chown", "-R", USER + ":" + USER, path.toString()), Map.of());
    }
  }

  private void awaitReady() throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    while (!Files.exists(home.resolve(".s.PGSQL." + PORT)) || !answers()) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IllegalStateException(
            "PostgreSQL is not there: "
                + Files.readString(workshop.folder().resolve("postgres.log")));
      }
      pause();
    }
  }

  private boolean answers() throws IOException {
    try {
      return !query("SELECT 1").isEmpty();
    } catch (IllegalStateException notYet) {
      return false;
    }
  }

  Path data() {
    return home.resolve("data");
  }

  Path socketFolder() {
    return home;
  }

  /** Loads rows until there are about so many mebibytes, or more. */
  void growTo(int mebibytes) throws IOException {
    while (dataBytes() < (long) mebibytes << 20) {
      copies++;
      if (copies == 1) {
        query(FIRST_ROWS.formatted((long) mebibytes * ROWS_OF_A_MEBIBYTE));
        query("ALTER TABLE rows_1 ADD PRIMARY KEY (id)");
      } else {
        query("CREATE TABLE rows_%d AS TABLE rows_1".formatted(copies));
      }
    }
    query("CHECKPOINT");
  }

  private static final String FIRST_ROWS =
      """
      CREATE TABLE rows_1 AS SELECT i AS id, hashint4(i) & 65535 AS customer,
        timestamp '2026-01-01' + i * interval '1.7 seconds' AS created,
        (ARRAY['new', 'paid', 'packed', 'returned'])[1 + (hashint4(i) & 3)] AS state,
        md5(i::text) AS token,
        (ARRAY['small', 'large', 'spare', 'used'])[1 + (hashint4(i + 1) & 3)] || ' '
          || (ARRAY['tent', 'saddle', 'rope', 'lantern'])[1 + (hashint4(i + 2) & 3)]
          || ' for customer ' || (hashint4(i) & 65535) AS comment
        FROM generate_series(1, %d) i\
      """;

  /** Writes until there are so many whole segments of WAL, and returns copies of them, in order. */
  List<Path> wal(int count) throws IOException {
    query("CREATE TABLE busy AS SELECT * FROM rows_1 WHERE id <= 200000");
    query("ALTER TABLE busy ADD PRIMARY KEY (id)");
    ship(true);
    List<Path> segments = shipped();
    for (int turn = 0; segments.size() < count; turn++) {
      // A checkpoint before it, so that whole pages are in the WAL as well, as they are in life.
      query(turn % 4 == 0 ? "CHECKPOINT" : "SELECT 1");
      query(
          "UPDATE busy SET state = 'turn %d', created = created + interval '1 s' WHERE id %% 11 = %d"
              .formatted(turn, turn % 11));
      segments = shipped();
    }
    ship(false);
    List<Path> kept = new ArrayList<>();
    Path folder = workshop.folder("segments");
    for (Path segment : segments.subList(0, count)) {
      kept.add(Files.copy(segment, folder.resolve(name(segment))));
    }
    query("DROP TABLE busy");
    // From now on nobody has a reason to change a page, so that restored files can be compared.
    query("VACUUM (FREEZE)");
    query("CHECKPOINT");
    clearShipped();
    return kept;
  }

  /** Has WAL copied into the folder from now on, or no more. */
  void ship(boolean wanted) throws IOException {
    if (wanted) {
      Files.createFile(home.resolve("wanted"));
    } else {
      Files.delete(home.resolve("wanted"));
    }
  }

  /** The segments in the folder, in order. */
  List<Path> shipped() throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("shipped"))) {
      return files
          .filter(file -> name(file).matches("[0-9A-F]{24}"))
          .filter(file -> file.toFile().length() == SEGMENT)
          .sorted()
          .toList();
    }
  }

  /** Empties the folder. */
  void clearShipped() throws IOException {
    try (Stream<Path> files = Files.list(home.resolve("shipped"))) {
      for (Path file : files.toList()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** Bytes of the files below {@code base}, which is what a backup is about. */
  long dataBytes() throws IOException {
    return bytes(data().resolve("base"));
  }

  private static long bytes(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }

  /**
   * Compares the tables' files with those of a restored folder, byte for byte. Nobody writes
   * meanwhile.
   *
   * @throws IllegalStateException if one is missing or another
   */
  void compareWith(Path restored) throws IOException {
    Path base = data().resolve("base");
    List<Path> files;
    try (Stream<Path> all = Files.walk(base)) {
      files =
          all.filter(Files::isRegularFile)
              // A cache that PostgreSQL makes anew, which no backup holds.
              .filter(file -> !file.endsWith("pg_internal.init"))
              .toList();
    }
    for (Path file : files) {
      Path other = restored.resolve("base").resolve(base.relativize(file).toString());
      if (!Files.exists(other) || Files.mismatch(file, other) >= 0) {
        throw new IllegalStateException(
            "%s was not restored as it was.".formatted(data().relativize(file)));
      }
    }
  }

  String query(String sql) throws IOException {
    return workshop.run(
        List.of(),
        List.of(
            programs.resolve("psql").toString(),
            "-XqAt",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            home.toString(),
            "-p",
            String.valueOf(PORT),
            "-U",
            USER,
            "-d",
            "postgres",
            "-c",
            sql),
        Map.of());
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  static void pause() throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted.", stopped);
    }
  }

  @Override
  public void close() throws IOException {
    if (!process.isAlive()) {
      return;
    }
    new ProcessBuilder("kill", "-QUIT", String.valueOf(process.pid())).start();
    try {
      if (!process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stopped) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
