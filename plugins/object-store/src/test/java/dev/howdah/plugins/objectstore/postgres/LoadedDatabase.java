package dev.howdah.plugins.objectstore.postgres;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.recovery.BackupRestore.Destination;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A PostgreSQL whose WAL goes into an archive, and a client that writes rows into it and keeps its
 * own log of what was committed, to compare with what a recovery brings back. Thread-safe.
 */
public final class LoadedDatabase implements AutoCloseable {

  private static final AtomicInteger PORTS = new AtomicInteger(15700);

  private final Belongings belongings = new Belongings();
  private final Archive archive;
  private final WalCommands commands;
  private final Postgres postgres;
  // A reader of the log sees no commit whose answer is still on its way.
  private final ReentrantReadWriteLock committing = new ReentrantReadWriteLock(true);
  private final SortedMap<Integer, String> committed = new TreeMap<>();
  private final AtomicInteger ids = new AtomicInteger();

  private LoadedDatabase(Archive archive, Path spool, int port, List<String> options)
      throws Exception {
    this.archive = archive;
    commands = WalCommands.of(archive, spool, belongings);
    Map<String, String> configuration = new LinkedHashMap<>();
    configuration.put("archive_mode", "on");
    configuration.put("archive_command", commands.archiveCommand());
    configuration.put("fsync", "off");
    Path home = belongings.directory();
    List<String> all =
        options.stream().map(option -> option.replace("HOME", home.toString())).toList();
    postgres = belongings.keep(Postgres.initialise(home.resolve("data"), port, configuration, all));
  }

  /**
   * Starts one.
   *
   * @param archive where its WAL goes
   * @param spool a directory for WAL that is read ahead
   * @param options more options of initdb; {@code HOME} stands for the folder of its own
   */
  public static LoadedDatabase start(Archive archive, Path spool, String... options)
      throws Exception {
    LoadedDatabase database =
        new LoadedDatabase(archive, spool, PORTS.incrementAndGet(), List.of(options));
    try {
      database.postgres.start();
      database.postgres.awaitPrimary();
      database.postgres.execute("CREATE TABLE rows (id int PRIMARY KEY, word text)");
      return database;
    } catch (Exception | Error e) {
      database.close();
      throw e;
    }
  }

  public Postgres postgres() {
    return postgres;
  }

  /** Where WAL goes to, for a server over other files. */
  public String archiveCommand() {
    return commands.archiveCommand();
  }

  /** An empty directory of this database's, deleted with it. */
  public Path directory() throws Exception {
    return belongings.directory();
  }

  /** Commits one transaction with some rows; returns its number in PostgreSQL. */
  public String commit(int rows) throws SQLException {
    committing.readLock().lock();
    try (Connection connection = postgres.connect()) {
      connection.setAutoCommit(false);
      Map<Integer, String> written = new LinkedHashMap<>();
      try (PreparedStatement insert =
          connection.prepareStatement("INSERT INTO rows VALUES (?, ?)")) {
        for (int i = 0; i < rows; i++) {
          int id = ids.incrementAndGet();
          String word = "word " + id + " " + "x".repeat(id % 400);
          insert.setInt(1, id);
          insert.setString(2, word);
          insert.addBatch();
          written.put(id, word);
        }
        insert.executeBatch();
      }
      String transaction;
      try (Statement statement = connection.createStatement();
          ResultSet row = statement.executeQuery("SELECT pg_current_xact_id()::text")) {
        row.next();
        transaction = row.getString(1);
      }
      connection.commit();
      synchronized (committed) {
        committed.putAll(written);
      }
      return transaction;
    } finally {
      committing.readLock().unlock();
    }
  }

  /** Writes rows and takes them back: they must never come back. */
  public void rollBack(int rows) throws SQLException {
    try (Connection connection = postgres.connect();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      int id = ids.addAndGet(rows);
      statement.execute(
          "INSERT INTO rows SELECT i, 'never' FROM generate_series(%d, %d) i"
              .formatted(id - rows + 1, id));
      connection.rollback();
    }
  }

  /** The rows that were committed so far, while nobody commits. */
  public SortedMap<Integer, String> log() {
    committing.writeLock().lock();
    try {
      return new TreeMap<>(committed);
    } finally {
      committing.writeLock().unlock();
    }
  }

  /** A point between two transactions: what is asked there, and the log of that moment. */
  public Point point(String query) throws SQLException {
    committing.writeLock().lock();
    try {
      return new Point(postgres.query(query), new TreeMap<>(committed));
    } finally {
      committing.writeLock().unlock();
    }
  }

  /** Commits one transaction while nobody else does: its number, and the log right after it. */
  public Point commitAlone(int rows) throws SQLException {
    committing.writeLock().lock();
    try {
      return new Point(commit(rows), new TreeMap<>(committed));
    } finally {
      committing.writeLock().unlock();
    }
  }

  /**
   * A point to recover to.
   *
   * @param value what PostgreSQL said there
   * @param rows what was committed before it
   */
  public record Point(String value, SortedMap<Integer, String> rows) {}

  /** The rows of a server. */
  public static SortedMap<Integer, String> rows(Postgres server) throws SQLException {
    SortedMap<Integer, String> rows = new TreeMap<>();
    try (Connection connection = server.connect();
        Statement statement = connection.createStatement();
        ResultSet found = statement.executeQuery("SELECT id, word FROM rows")) {
      while (found.next()) {
        rows.put(found.getInt(1), found.getString(2));
      }
    }
    return rows;
  }

  /**
   * Restores a backup, lets PostgreSQL recover it, and returns its rows.
   *
   * @param target the recovery target, as PostgreSQL's settings
   */
  public SortedMap<Integer, String> recovered(Catalogue.Entry backup, Map<String, String> target)
      throws Exception {
    Path home = belongings.directory();
    Path data = home.resolve("data");
    Map<String, Path> tablespaces = new LinkedHashMap<>();
    backup.info().tablespaces().forEach(it -> tablespaces.put(it.name(), home.resolve(it.name())));
    BackupRestore.restore(
        archive, backup, new Destination(data, Optional.of(home.resolve("wal")), tablespaces, 2));
    return recovered(data, target);
  }

  /** The same with files that were restored already. */
  public SortedMap<Integer, String> recovered(Path data, Map<String, String> target)
      throws Exception {
    try (Postgres restored = recover(data, target)) {
      return rows(restored);
    }
  }

  /** Starts a server over restored files, and waits until it has recovered. */
  public Postgres recover(Path data, Map<String, String> target) throws Exception {
    Postgres restored = belongings.keep(Postgres.over(data, PORTS.incrementAndGet()));
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("archive_mode", "off");
    settings.put("restore_command", commands.restoreCommand());
    settings.put("recovery_target_action", "promote");
    settings.putAll(target);
    restored.configure(settings);
    Files.createFile(data.resolve("recovery.signal"));
    Postgres.own(data.getParent());
    restored.start();
    restored.awaitPrimary();
    return restored;
  }

  @Override
  public void close() throws Exception {
    belongings.close();
  }
}
