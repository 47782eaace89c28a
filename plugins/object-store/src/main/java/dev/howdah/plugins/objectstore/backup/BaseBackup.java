package dev.howdah.plugins.objectstore.backup;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Failures;
import dev.howdah.plugins.objectstore.backup.BackupSession.Server;
import dev.howdah.plugins.objectstore.backup.BackupSession.Stopped;
import dev.howdah.plugins.objectstore.layout.BackupId;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.BackupInfo.Tablespace;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.layout.PythonValue;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final Pattern START =
      Pattern.compile("START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+) \\(file ([0-9A-F]{24})\\)");
  private static final Pattern TIMELINE = Pattern.compile("START TIMELINE: ([0-9]+)");

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
    private final String name;
    private final BackupSettings settings;
    private final BackupProgress progress;
    private final Instant began = clock.instant();
    private final String id = BackupId.at(began);
    private final List<String> storedKeys = new CopyOnWriteArrayList<>();
    private final BackupInfo.Builder info = BackupInfo.builder();
    private final Map<String, PythonValue> copyTimes = new LinkedHashMap<>();

    Run(Archive archive, String name, BackupSettings settings, BackupProgress progress) {
      this.archive = archive;
      this.name = name;
      this.settings = settings;
      this.progress = progress;
    }

    Made make(PostgresAddress address) {
      info.put("backup_name", name).put("begin_time", began);
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
      describe(server);
      session.start("Howdah backup " + id, settings.immediateCheckpoint());
      Instant copyBegan = clock.instant();
      Stopped stopped;
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
      describe(server, stopped, copyBegan);
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
      copyTimes.put(String.valueOf(tablespace.oid()), seconds(from));
    }

    private Stopped copyDataDirectory(
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
        Stopped stopped = session.stop();
        last.file("backup_label", stopped.label());
        last.finish();
        copyTimes.put("data", seconds(from));
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

    private void awaitWal(Server server, Stopped stopped) throws StoreException, IOException {
      WalSegment last = WalSegment.before(timeline(stopped), stopped.lsn(), server.segmentSize());
      WalSegment next = WalSegment.parse(beginWal(stopped), server.segmentSize());
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

    private void describe(Server server) {
      info.put("version", server.version())
          .put("pgdata", server.dataDirectory())
          .put("config_file", server.configFile())
          .put("hba_file", server.hbaFile())
          .put("ident_file", server.identFile())
          .put("data_checksums", server.dataChecksums())
          .put("systemid", server.systemId())
          .put("xlog_segment_size", server.segmentSize())
          .put("cluster_size", server.size())
          .tablespaces(server.tablespaces());
      server.summarizeWal().ifPresent(value -> info.put("summarize_wal", value));
    }

    private void describe(Server server, Stopped stopped, Instant copyBegan) {
      Lsn begin = Lsn.parse(group(START, stopped, 1));
      WalSegment last = WalSegment.before(timeline(stopped), stopped.lsn(), server.segmentSize());
      double total = Duration.between(copyBegan, clock.instant()).toMillis() / 1000.0;
      Map<String, PythonValue> stats = new LinkedHashMap<>();
      stats.put("total_time", new PythonValue.Literal(String.valueOf(total)));
      stats.put("number_of_workers", new PythonValue.Literal(String.valueOf(settings.jobs())));
      stats.put("analysis_time", new PythonValue.Literal("0"));
      Map<String, PythonValue> none = new LinkedHashMap<>();
      copyTimes.keySet().forEach(item -> none.put(item, new PythonValue.Literal("0")));
      stats.put("analysis_time_per_item", new PythonValue.Dictionary(none));
      stats.put("copy_time_per_item", new PythonValue.Dictionary(copyTimes));
      stats.put("serialized_copy_time_per_item", new PythonValue.Dictionary(copyTimes));
      stats.put("copy_time", new PythonValue.Literal(String.valueOf(total)));
      stats.put("serialized_copy_time", new PythonValue.Literal(String.valueOf(total)));
      info.put("begin_xlog", begin)
          .put("begin_wal", beginWal(stopped))
          .put("begin_offset", begin.offset(server.segmentSize()))
          .put("end_xlog", stopped.lsn())
          .put("end_wal", last.name(server.segmentSize()))
          .put("end_offset", stopped.lsn().offset(server.segmentSize()))
          .put("timeline", timeline(stopped))
          .put("backup_label", new PythonValue.Text(stopped.label()))
          .put("end_time", clock.instant())
          .put("copy_stats", new PythonValue.Dictionary(stats));
    }

    private BackupInfo publish() throws IOException {
      BackupInfo made = info.put("status", BackupInfo.DONE).build();
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
                Content.of(
                    BackupInfo.builder()
                        .put("backup_name", name)
                        .put("begin_time", began)
                        .put("status", BackupInfo.FAILED)
                        .put("error", error)
                        .build()
                        .toBytes()),
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

    private PythonValue seconds(Instant from) {
      double seconds = Duration.between(from, clock.instant()).toMillis() / 1000.0;
      return new PythonValue.Literal(String.valueOf(seconds));
    }
  }

  private static int timeline(Stopped stopped) {
    return Integer.parseInt(group(TIMELINE, stopped, 1));
  }

  private static String beginWal(Stopped stopped) {
    return group(START, stopped, 2);
  }

  private static String group(Pattern pattern, Stopped stopped, int group) {
    Matcher matcher = pattern.matcher(stopped.label());
    if (!matcher.find()) {
      throw new PluginException(
          PluginException.Kind.INTERNAL, "PostgreSQL's backup label has an unknown form");
    }
    return matcher.group(group);
  }
}
