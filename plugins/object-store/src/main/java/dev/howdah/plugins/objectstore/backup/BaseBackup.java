package dev.howdah.plugins.objectstore.backup;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Failures;
import dev.howdah.plugins.objectstore.backup.BackupSession.Server;
import dev.howdah.plugins.objectstore.layout.BackupId;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.BackupInfo.Tablespace;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import dev.howdah.plugins.objectstore.store.Backoff;
import dev.howdah.plugins.objectstore.store.Content;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes base backups: reads the files of a running PostgreSQL, primary or standby, and stores them
 * as they are read. A backup is reported as made when everything that a restore needs is in the
 * archive, its last WAL included; one that fails leaves nothing behind but its {@code backup.info},
 * which says why. One at a time for each archive. Thread-safe.
 */
public final class BaseBackup {

  private static final Logger log = LoggerFactory.getLogger(BaseBackup.class);

  private final Clock clock;
  private final Set<String> running = ConcurrentHashMap.newKeySet();

  /** Makes it, with a clock for the backups' ids and times. */
  public BaseBackup(Clock clock) {
    this.clock = clock;
  }

  /**
   * A backup that was made.
   *
   * @param id its id
   * @param info what the archive says of it
   */
  public record Made(String id, BackupInfo info) {}

  /**
   * Makes a backup.
   *
   * @param archive where to
   * @param address the PostgreSQL
   * @param name a name for it
   * @param settings how
   * @param progress is told how far it has come
   * @throws PluginException if there is no backup
   */
  public Made make(
      Archive archive,
      PostgresAddress address,
      String name,
      BackupSettings settings,
      BackupProgress progress) {
    if (!running.add(archive.location())) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "a backup into %s is running already".formatted(archive.location()));
    }
    try {
      BackupSettings fitted =
          settings.within(PartBuffers.affordable(), archive.store().partLimits());
      if (fitted.jobs() < settings.jobs()) {
        log.atInfo()
            .addKeyValue("archive", archive.location())
            .addKeyValue("jobs", fitted.jobs())
            .addKeyValue("wanted", settings.jobs())
            .log("The heap has room for fewer jobs than the ObjectStore wants");
      }
      return new Run(archive, name, fitted, progress).make(address);
    } finally {
      running.remove(archive.location());
    }
  }

  private final class Run {
    private final Archive archive;
    private final BackupSettings settings;
    private final BackupProgress progress;
    private final Instant began = clock.instant();
    private final String id = BackupId.at(began);
    private final List<String> storedKeys = new CopyOnWriteArrayList<>();
    private final BackupDescription description;

    Run(Archive archive, String name, BackupSettings settings, BackupProgress progress) {
      this.archive = archive;
      this.settings = settings;
      this.progress = progress;
      this.description = new BackupDescription(clock, name, began);
    }

    Made make(PostgresAddress address) {
      boolean claimed = false;
      try (BackupSession session = BackupSession.open(address)) {
        claimed = claim();
        BackupInfo made = run(session);
        log.atInfo()
            .addKeyValue("backup", id)
            .addKeyValue("archive", archive.location())
            .addKeyValue("bytes", progress.bytes())
            .addKeyValue("files", progress.files())
            .log("Backup made");
        return new Made(id, made);
      } catch (SQLException e) {
        throw fail(
            claimed,
            new PluginException(
                PluginException.Kind.UNAVAILABLE,
                "PostgreSQL refused or broke off the backup; the log says why",
                e));
      } catch (IOException e) {
        throw fail(claimed, Failures.translate("make the backup", e));
      } catch (PluginException e) {
        throw fail(claimed, e);
      }
    }

    // Ids have no more than seconds; two backups in one second would mix their files.
    private boolean claim() throws StoreException {
      if (!archive.store().list(archive.layout().backup(id)).isEmpty()) {
        throw new PluginException(
            PluginException.Kind.UNAVAILABLE, "a backup began in this very second; try again");
      }
      return true;
    }

    private BackupInfo run(BackupSession session) throws SQLException, IOException {
      Server server = session.server();
      if (server.archiveMode().equals("off")) {
        throw new PluginException(
            PluginException.Kind.PRECONDITION,
            "archive_mode is off, so the WAL that a restore needs would never be archived");
      }
      description.server(server);
      session.start("Howdah backup " + id, settings.immediateCheckpoint());
      Instant copyBegan = clock.instant();
      StoppedBackup stopped;
      WriteOptions options = WriteOptions.CREATE.tagged(settings.tags());
      try (ManifestWriter manifest = new ManifestWriter(archive, id, options);
          ExecutorService uploads =
              Executors.newFixedThreadPool(
                  settings.jobs(),
                  Thread.ofPlatform().daemon().name("backup-upload-", 1).factory())) {
        PartBuffers buffers =
            new PartBuffers(
                settings.parts(PartBuffers.affordable()),
                archive.store().partLimits().clamp(settings.partSize()));
        for (Tablespace tablespace : server.tablespaces()) {
          copyTablespace(server, tablespace, buffers, uploads, manifest);
        }
        stopped = copyDataDirectory(session, buffers, uploads, manifest);
        storedKeys.add(archive.layout().manifest(id));
        manifest.complete();
      }
      description.stopped(server, stopped, copyBegan, settings.jobs());
      awaitWal(server, stopped);
      return publish();
    }

    private void copyTablespace(
        Server server,
        Tablespace tablespace,
        PartBuffers buffers,
        ExecutorService uploads,
        ManifestWriter manifest)
        throws IOException {
      Instant from = clock.instant();
      TarDestination to = destination(Optional.of(tablespace.oid()), buffers, uploads, manifest);
      try (ParallelTars tars = new ParallelTars(to)) {
        new DirectoryReader(Path.of(tablespace.location()), Set.of(), tars)
            .read(entry -> entry.startsWith(server.tablespacePrefix()));
        tars.complete();
      }
      description.copied(String.valueOf(tablespace.oid()), from);
    }

    private StoppedBackup copyDataDirectory(
        BackupSession session,
        PartBuffers buffers,
        ExecutorService uploads,
        ManifestWriter manifest)
        throws IOException, SQLException {
      Instant from = clock.instant();
      Server server = session.server();
      Set<Path> elsewhere =
          server.tablespaces().stream()
              .map(tablespace -> Path.of(tablespace.location()))
              .collect(Collectors.toSet());
      TarDestination to = destination(Optional.empty(), buffers, uploads, manifest);
      try (ParallelTars tars = new ParallelTars(to)) {
        // PostgreSQL refuses a PGDATA that others may read, and Barman restores its mode from here.
        tars.directory(".", server.dataDirectory());
        new DirectoryReader(server.dataDirectory(), elsewhere, tars).read(entry -> true);
        tars.complete();
      }
      try (TarParts last = new TarParts(to)) {
        last.file(DataFiles.CONTROL_FILE, controlFile(server));
        StoppedBackup stopped = session.stop();
        last.file("backup_label", stopped.label());
        last.finish();
        description.copied("data", from);
        return stopped;
      }
    }

    private TarDestination destination(
        Optional<Long> tablespace,
        PartBuffers buffers,
        ExecutorService uploads,
        ManifestWriter manifest) {
      return new TarDestination(
          archive,
          id,
          tablespace,
          settings,
          buffers,
          uploads,
          progress,
          manifest,
          storedKeys,
          new AtomicInteger());
    }

    // PostgreSQL overwrites it in place; two equal readings in a row weren't torn.
    private byte[] controlFile(Server server) throws IOException {
      Path file = server.dataDirectory().resolve(DataFiles.CONTROL_FILE);
      byte[] before = Files.readAllBytes(file);
      while (true) {
        progress.check();
        byte[] now = Files.readAllBytes(file);
        if (Arrays.equals(before, now)) {
          return now;
        }
        before = now;
      }
    }

    private void awaitWal(Server server, StoppedBackup stopped) throws StoreException, IOException {
      WalSegment last = stopped.lastWal(server.segmentSize());
      WalSegment next = WalSegment.parse(stopped.beginWal(), server.segmentSize());
      long deadline = System.nanoTime() + settings.walPatience().toNanos();
      Backoff backoff = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5));
      while (next.number() <= last.number()) {
        progress.check();
        String wal = next.name(server.segmentSize());
        if (!archive.find(WalName.parse(wal)).isEmpty()) {
          next = next.next();
          continue;
        }
        if (System.nanoTime() - deadline >= 0) {
          throw new PluginException(
              PluginException.Kind.UNAVAILABLE,
              server.standby()
                  ? "the backup's last WAL was not archived in time; the primary has not filled or"
                      + " switched its segment: set archive_timeout, or back up the primary"
                  : "the backup's last WAL was not archived in time; see why archiving lags");
        }
        backoff.pause();
      }
    }

    private BackupInfo publish() throws IOException {
      BackupInfo made = description.done();
      try {
        archive
            .store()
            .put(
                archive.layout().backupInfo(id),
                Content.of(made.toBytes()),
                WriteOptions.CREATE.tagged(settings.tags()));
      } catch (StoreException e) {
        // The answer to our own first attempt may have been lost.
        if (e.kind() != StoreException.Kind.EXISTS
            || !Catalogue.readInfo(archive, id).filter(made::equals).isPresent()) {
          throw e;
        }
      }
      return made;
    }

    private PluginException fail(boolean claimed, PluginException failure) {
      if (!claimed) {
        return failure;
      }
      // What was begun is cleared away even if the call was interrupted.
      boolean interrupted = Thread.interrupted();
      try {
        String error = String.valueOf(failure.getMessage()).replaceAll("[\\r\\n]+", " ");
        archive
            .store()
            .put(
                archive.layout().backupInfo(id),
                Content.of(description.failed(error).toBytes()),
                WriteOptions.REPLACE);
        // Only now: a backup.info that says DONE must never stand beside missing data.
        archive.store().delete(storedKeys);
      } catch (StoreException e) {
        log.atWarn()
            .addKeyValue("backup", id)
            .addKeyValue("archive", archive.location())
            .setCause(e)
            .log("What a failed backup had stored could not be cleared away");
      } finally {
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }
      return failure;
    }
  }
}
