package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.layout.BackupInfo.Tablespace;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.recovery.BackupParts.Part;
import dev.howdah.plugins.objectstore.store.MeteredInputStream;
import dev.howdah.plugins.objectstore.store.ResumingInputStream;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a backup's files back where PostgreSQL can start from them, several archives at a time. A
 * failed attempt leaves a mark by which the next one clears it away.
 */
public final class BackupRestore {

  private static final Logger log = LoggerFactory.getLogger(BackupRestore.class);
  private static final int BUFFER = 256 * 1024;
  private static final List<String> ESSENTIAL =
      List.of("PG_VERSION", "global/pg_control", "backup_label");

  private BackupRestore() {}

  /**
   * Where to.
   *
   * @param dataDirectory PGDATA
   * @param walDirectory where WAL goes instead of PGDATA's own directory, if it does
   * @param tablespaces other locations for tablespaces, by name; those not named go where they were
   * @param workers how many archives at a time
   * @param neverInService whether no database that was restored to here has been in use since, so
   *     that tablespaces of a former attempt may be cleared away though it was complete
   */
  public record Destination(
      Path dataDirectory,
      Optional<Path> walDirectory,
      Map<String, Path> tablespaces,
      int workers,
      boolean neverInService) {

    /** Copies the map. */
    public Destination {
      tablespaces = Map.copyOf(tablespaces);
    }

    /** One where nothing that is complete may be cleared away. */
    public Destination(
        Path dataDirectory,
        Optional<Path> walDirectory,
        Map<String, Path> tablespaces,
        int workers) {
      this(dataDirectory, walDirectory, tablespaces, workers, false);
    }
  }

  /**
   * Restores a backup.
   *
   * @return how many bytes were written
   * @throws PluginException of kind {@code PRECONDITION} if a destination isn't empty, or a part of
   *     the backup or its first WAL is missing or damaged
   * @throws IOException if reading or writing fails
   */
  public static long restore(Archive archive, Entry backup, Destination to) throws IOException {
    return restore(archive, backup, to, Progress.NONE);
  }

  /**
   * The same, for somebody who waits for it.
   *
   * @param progress is told of bytes as they are stored
   */
  public static long restore(Archive archive, Entry backup, Destination to, Progress progress)
      throws IOException {
    BackupParts parts = BackupParts.find(archive, backup);
    progress.expect(parts.size());
    checkFirstWal(archive, backup);
    if (to.walDirectory().isPresent()) {
      // PostgreSQL would replay what it finds there, whatever database it is of.
      RestorePlace.requireEmpty(to.walDirectory().get());
    }
    RestorePlace data = RestorePlace.prepare(to.dataDirectory().toAbsolutePath().normalize());
    Map<Long, RestorePlace> tablespaces = new LinkedHashMap<>();
    for (Tablespace tablespace : backup.info().tablespaces()) {
      Path location =
          to.tablespaces().getOrDefault(tablespace.name(), Path.of(tablespace.location()));
      tablespaces.put(
          tablespace.oid(),
          RestorePlace.prepare(location.toAbsolutePath().normalize(), to.neverInService()));
    }
    AtomicLong bytes = new AtomicLong();
    extract(archive, parts, data, tablespaces, to.workers(), bytes, progress);
    finish(data, tablespaces, to, backup);
    log.atInfo()
        .addKeyValue("backup", backup.id())
        .addKeyValue("archive", archive.location())
        .addKeyValue("bytes", bytes.get())
        .log("Backup restored");
    return bytes.get();
  }

  private static void checkFirstWal(Archive archive, Entry backup) throws StoreException {
    String wal = backup.info().beginWal().orElse("");
    if (!WalName.isOne(wal) || archive.find(WalName.parse(wal)).isEmpty()) {
      throw broken(backup, "its first WAL %s is not in the archive".formatted(wal));
    }
  }

  private static void extract(
      Archive archive,
      BackupParts parts,
      RestorePlace data,
      Map<Long, RestorePlace> tablespaces,
      int workers,
      AtomicLong bytes,
      Progress progress)
      throws IOException {
    ExecutorService threads =
        Executors.newFixedThreadPool(
            workers, Thread.ofPlatform().daemon().name("restore-", 1).factory());
    try {
      CompletionService<Part> running = new ExecutorCompletionService<>(threads);
      List<Part> wanted = new ArrayList<>();
      for (Part part : parts.parts()) {
        RestorePlace place = part.name().tablespace().map(tablespaces::get).orElse(data);
        // A tablespace that was dropped while the backup ran is no longer in its list.
        if (part.name().tablespace().isPresent()
            && !tablespaces.containsKey(part.name().tablespace().get())) {
          continue;
        }
        wanted.add(part);
        running.submit(
            () -> {
              extract(archive, part, new TarExtraction(place.directory(), bytes), progress);
              return part;
            });
      }
      for (int done = 0; done < wanted.size(); done++) {
        running.take().get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(StoreException.Kind.INTERRUPTED, "the restore was given up", e);
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException failure -> throw failure;
        case PluginException failure -> throw failure;
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      // The threads must be gone before anybody clears the directory away.
      threads.shutdownNow();
      threads.close();
    }
  }

  private static void extract(
      Archive archive, Part part, TarExtraction extraction, Progress progress) throws IOException {
    MessageDigest digest = sha256();
    Optional<IOException> failure;
    try (ResumingInputStream object =
            ResumingInputStream.open(archive.store(), part.object().key());
        InputStream fetched =
            new AheadInputStream(
                new MeteredInputStream(object, progress::advance), "restore-fetch");
        InputStream digested =
            new DigestInputStream(new BufferedInputStream(fetched, BUFFER), digest)) {
      failure = unpack(digested, part, extraction);
      // Also after a failure: the digest tells damage from a disk that is full.
      digested.transferTo(OutputStream.nullOutputStream());
    }
    String found = HexFormat.of().formatHex(digest.digest());
    if (part.sha256().isPresent() && !part.sha256().get().equals(found)) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "%s is damaged: it is not what was stored".formatted(part.object().key()));
    }
    if (failure.isPresent()) {
      throw new IOException(
          "%s can't be unpacked: %s".formatted(part.object().key(), failure.get().getMessage()),
          failure.get());
    }
  }

  private static Optional<IOException> unpack(InputStream in, Part part, TarExtraction extraction)
      throws IOException {
    try {
      decompress(in, part, extraction);
      return Optional.empty();
    } catch (StoreException | FileSystemException e) {
      throw e;
    } catch (IOException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      return Optional.of(e);
    }
  }

  private static void decompress(InputStream in, Part part, TarExtraction extraction)
      throws IOException {
    Codec codec = part.name().codec();
    if (codec == Codec.NONE) {
      extraction.extract(in);
      return;
    }
    try (AheadInputStream content =
        new AheadInputStream(codec.decompress(in), "restore-decompress")) {
      extraction.extract(content);
    }
  }

  private static void finish(
      RestorePlace data, Map<Long, RestorePlace> tablespaces, Destination to, Entry backup)
      throws IOException {
    Path top = data.directory();
    for (String essential : ESSENTIAL) {
      if (!Files.isRegularFile(top.resolve(essential))) {
        throw broken(backup, "it has no %s".formatted(essential));
      }
    }
    Path links = Files.createDirectories(top.resolve("pg_tblspc"));
    for (Map.Entry<Long, RestorePlace> tablespace : tablespaces.entrySet()) {
      Path link = links.resolve(String.valueOf(tablespace.getKey()));
      Files.deleteIfExists(link);
      Files.createSymbolicLink(link, tablespace.getValue().directory());
      tablespace.getValue().completeTablespace();
    }
    linkWal(top, to.walDirectory());
    data.complete();
  }

  private static void linkWal(Path top, Optional<Path> elsewhere) throws IOException {
    Path wal = top.resolve("pg_wal");
    if (elsewhere.isEmpty()) {
      Files.createDirectories(wal);
      return;
    }
    // Backups hold the directory, but never what was in it.
    if (!Files.isSymbolicLink(wal)) {
      Files.deleteIfExists(wal);
      Files.createDirectories(elsewhere.get());
      Files.createSymbolicLink(wal, elsewhere.get());
    }
  }

  private static PluginException broken(Entry backup, String why) {
    return new PluginException(
        PluginException.Kind.PRECONDITION,
        "backup %s can't be restored: %s".formatted(backup.id(), why));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
