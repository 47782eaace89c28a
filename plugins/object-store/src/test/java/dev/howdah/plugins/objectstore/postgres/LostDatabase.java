package dev.howdah.plugins.objectstore.postgres;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.backup.BackupProgress;
import dev.howdah.plugins.objectstore.backup.BackupSettings;
import dev.howdah.plugins.objectstore.backup.BaseBackup;
import dev.howdah.plugins.objectstore.backup.BaseBackup.Made;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.S3Server;
import dev.howdah.plugins.objectstore.store.S3Settings;
import dev.howdah.plugins.objectstore.store.S3Store;
import dev.howdah.plugins.objectstore.store.StoredObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * The archive of a database that lived, was backed up twice and was lost, with a real PostgreSQL
 * and a real S3 server. It lives once for all tests of a run, which must leave the archive as it
 * is.
 */
final class LostDatabase implements AutoCloseable {

  private static final String CHECKSUM =
      "SELECT count(*) || ' ' || coalesce(sum(hashtext(t::text)::bigint), 0) FROM %s t";
  private static final int PORT = 15433;

  final Archive archive;
  final WalCommands commands;
  final Path tablespace;
  final Made first;
  final Made second;
  // What it held at each point, and how to name the point to a recovery.
  final String atFirstMark;
  final Instant firstMarkTime;
  final Lsn firstMarkLsn;
  final String alone;
  final String prepared;
  final String late;
  final String atSecondBackup;
  final String atEnd;
  // What became of a backup whose WAL is not archived, and of one that was cancelled.
  final Archive withoutWal;
  final PluginException withoutWalFailure;
  final Archive givenUp;
  final PluginException givenUpFailure;

  private final Belongings belongings;
  private final Postgres primary;

  /** Gives it to the tests that ask for it. */
  static final class Extension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == LostDatabase.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(Namespace.create(LostDatabase.class))
          .computeIfAbsent(LostDatabase.class, key -> live(), LostDatabase.class);
    }
  }

  private static LostDatabase live() {
    Belongings belongings = new Belongings();
    try {
      return new LostDatabase(belongings);
    } catch (Exception | Error e) {
      try {
        belongings.close();
      } catch (Exception alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw new IllegalStateException("the database did not live as it should", e);
    }
  }

  private LostDatabase(Belongings belongings) throws Exception {
    this.belongings = belongings;
    S3Server s3 = belongings.keep(S3Server.start());
    s3.createBucket("backups");
    archive =
        new Archive(
            belongings.keep(
                S3Store.open(S3Settings.of("backups", "pg", s3.endpoint(), S3Server.CREDENTIALS))),
            new ArchiveLayout("main"));
    commands = WalCommands.of(archive, belongings.directory(), belongings);
    Map<String, String> configuration = new LinkedHashMap<>();
    configuration.put("archive_mode", "on");
    configuration.put("archive_command", commands.archiveCommand());
    configuration.put("max_wal_size", "128MB");
    configuration.put("min_wal_size", "32MB");
    configuration.put("fsync", "off");
    configuration.put("max_prepared_transactions", "2");
    primary =
        belongings.keep(
            Postgres.initialise(belongings.directory().resolve("data"), PORT, configuration));
    primary.start();
    primary.awaitPrimary();
    tablespace = belongings.directory();
    primary.execute(
        "CREATE TABLESPACE fast LOCATION '" + tablespace + "'",
        "CREATE TABLE numbers (id int PRIMARY KEY, word text)",
        "CREATE TABLE numbers_to_drop (id int)",
        "CREATE TABLE quick (id int PRIMARY KEY, word text) TABLESPACE fast",
        "INSERT INTO numbers SELECT i, md5(i::text) FROM generate_series(1, 60000) i",
        "INSERT INTO quick SELECT i, md5(i::text) FROM generate_series(1, 20000) i");
    first = backUp(BackupSettings.DEFAULT);
    primary.execute(
        "INSERT INTO numbers SELECT i, md5(i::text) FROM generate_series(60001, 90000) i",
        "DELETE FROM quick WHERE id % 3 = 0");
    alone = endTransaction("INSERT INTO numbers VALUES (-3, 'alone')", "COMMIT");
    prepared =
        endTransaction(
            // All that can stand before the id in the record of a transaction in two phases.
            "CREATE TABLE extra (id int); DROP TABLE numbers_to_drop; SAVEPOINT one; INSERT INTO"
                + " numbers VALUES (-2, 'prepared'); SAVEPOINT two; INSERT INTO extra VALUES (1)",
            "PREPARE TRANSACTION 'two phases'");
    primary.execute("COMMIT PREPARED 'two phases'");
    primary.execute("SELECT pg_create_restore_point('first mark')");
    atFirstMark = checksums(primary);
    firstMarkLsn = Lsn.parse(primary.query("SELECT pg_current_wal_insert_lsn()"));
    firstMarkTime = RecoveryTarget.parseTime(primary.query("SELECT clock_timestamp()::text"));
    primary.execute("SELECT pg_sleep(0.05)", "INSERT INTO numbers VALUES (-1, 'after the mark')");
    atSecondBackup = checksums(primary);
    second = backUp(split(BackupSettings.DEFAULT.compressed(Codec.GZIP)));
    withoutWal = emptyArchive();
    withoutWalFailure = failToBackUp(withoutWal, () -> false);
    givenUp = emptyArchive();
    AtomicInteger questions = new AtomicInteger();
    givenUpFailure = failToBackUp(givenUp, () -> questions.incrementAndGet() > 500);
    late = endTransaction("UPDATE quick SET word = 'changed' WHERE id % 5 = 0", "COMMIT");
    atEnd = checksums(primary);
    primary.awaitArchived();
    primary.kill();
  }

  private Made backUp(BackupSettings settings) {
    BackupSettings fast =
        new BackupSettings(
            settings.codec(),
            settings.jobs(),
            settings.partSize(),
            settings.archiveSize(),
            true,
            settings.tags(),
            Duration.ofSeconds(30));
    return new BaseBackup(Clock.systemUTC())
        .make(archive, primary.address(), "a-name", fast, new BackupProgress(() -> false));
  }

  private static BackupSettings split(BackupSettings settings) {
    return new BackupSettings(
        settings.codec(),
        settings.jobs(),
        settings.partSize(),
        2 << 20,
        true,
        settings.tags(),
        settings.walPatience());
  }

  private Archive emptyArchive() throws Exception {
    return new Archive(DirectoryStore.open(belongings.directory()), new ArchiveLayout("main"));
  }

  // Into an archive that no WAL goes to, and with nobody who waits for it.
  private PluginException failToBackUp(Archive into, BooleanSupplier cancelled) {
    BackupSettings impatient =
        new BackupSettings(Codec.NONE, 2, 1 << 20, 1L << 30, true, Map.of(), Duration.ofMillis(1));
    return catchThrowableOfType(
        PluginException.class,
        () ->
            new BaseBackup(Clock.systemUTC())
                .make(
                    into, primary.address(), "to-fail", impatient, new BackupProgress(cancelled)));
  }

  private String endTransaction(String statements, String end) throws Exception {
    try (var connection = primary.connect();
        var statement = connection.createStatement()) {
      statement.execute("BEGIN");
      for (String sql : statements.split("; ")) {
        statement.execute(sql);
      }
      try (var row = statement.executeQuery("SELECT pg_current_xact_id()::text")) {
        row.next();
        String transaction = row.getString(1);
        statement.execute(end);
        return transaction;
      }
    }
  }

  /** What a server holds of its tables, in short. */
  static String checksums(Postgres postgres) throws Exception {
    return postgres.query(CHECKSUM.formatted("numbers"))
        + " / "
        + postgres.query(CHECKSUM.formatted("quick"));
  }

  /** Copies the archive into a directory, where it may be damaged. */
  void copyTo(Path copy) throws Exception {
    for (StoredObject object : archive.store().list(archive.layout().server() + "/")) {
      try (var download = archive.store().read(object.key(), 0, null)) {
        Path file = copy.resolve(object.key());
        Files.createDirectories(file.getParent());
        Files.copy(download.content(), file);
      }
    }
  }

  @Override
  public void close() throws Exception {
    belongings.close();
  }
}
