package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout.DataName;
import dev.howdah.plugins.objectstore.layout.BackupInfo.Tablespace;
import dev.howdah.plugins.objectstore.store.ResumingInputStream;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Restores a backup into a scratch directory, looks whether what lies there is what was backed up,
 * and removes it. PostgreSQL isn't started.
 */
final class ScratchRestore {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int MOST_PROBLEMS = 100;

  private final Archive archive;
  private final Entry backup;
  private final Path top;
  private final List<String> problems = new ArrayList<>();
  private final List<String> unproven = new ArrayList<>();

  private ScratchRestore(Archive archive, Entry backup, Path top) {
    this.archive = archive;
    this.backup = backup;
    this.top = top;
  }

  /**
   * Does it, in a folder of its own below the given directory.
   *
   * @param scratch a directory with room for the database; made if missing
   * @param workers how many archives at a time
   * @return what was found; its bytes are those that were written
   * @throws PluginException of kind {@code PRECONDITION} if there is no room, or the backup can't
   *     be restored at all
   * @throws IOException if reading or writing fails
   */
  static BackupVerification of(Archive archive, Entry backup, Path scratch, int workers)
      throws IOException {
    Path directory = Files.createDirectories(scratch.toAbsolutePath().normalize());
    checkRoom(directory, backup);
    Path top = directory.resolve("howdah-verify-" + backup.id());
    try {
      // What an attempt left behind that was killed.
      remove(top);
      return new ScratchRestore(archive, backup, top).run(workers);
    } finally {
      remove(top);
    }
  }

  private static void checkRoom(Path directory, Entry backup) throws IOException {
    long needed = backup.info().clusterSize().orElse(0L);
    long there = Files.getFileStore(directory).getUsableSpace();
    if (there < needed) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "%s has no room for backup %s, which needs %d bytes"
              .formatted(directory, backup.id(), needed));
    }
  }

  private BackupVerification run(int workers) throws IOException {
    Map<String, Path> locations = new HashMap<>();
    for (Tablespace tablespace : backup.info().tablespaces()) {
      locations.put(tablespace.name(), location(tablespace.oid()));
    }
    long bytes =
        BackupRestore.restore(
            archive,
            backup,
            new BackupRestore.Destination(data(), Optional.empty(), locations, workers));
    compareWithManifest();
    checkBelonging();
    return new BackupVerification(problems, unproven, bytes);
  }

  private Path data() {
    return top.resolve("pgdata");
  }

  private Path location(long oid) {
    return top.resolve(String.valueOf(oid));
  }

  private void problem(String what) {
    if (problems.size() < MOST_PROBLEMS) {
      problems.add("restored, " + what);
    }
  }

  private void compareWithManifest() throws IOException {
    long listed = 0;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                ResumingInputStream.open(archive.store(), archive.layout().manifest(backup.id())),
                StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode json = JSON.readTree(line);
        if (json.has("file") && compare(json)) {
          listed++;
        }
      }
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.NOT_FOUND) {
        throw e;
      }
      unproven.add("the backup has no list of files: whether one is missing is not found");
      return;
    } catch (JacksonException e) {
      throw new IOException("the manifest of backup %s is damaged".formatted(backup.id()), e);
    }
    long found = count();
    if (found > listed) {
      problem("there are %d files that the manifest doesn't list".formatted(found - listed));
    }
  }

  /** Compares a file with its line, and says whether it is there at all. */
  private boolean compare(JsonNode line) throws IOException {
    String name = line.path("file").asString("");
    Optional<Path> place =
        DataName.parse(line.path("part").asString(""))
            .map(part -> part.tablespace().map(this::location).orElse(data()))
            // Dropped while the backup ran, so it isn't restored.
            .filter(Files::isDirectory);
    if (place.isEmpty()) {
      return false;
    }
    Path file = place.get().resolve(name).normalize();
    if (!file.startsWith(place.get()) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      problem("%s is missing".formatted(name));
      return false;
    }
    if (Files.size(file) != line.path("size").asLong(-1)) {
      problem("%s has another size".formatted(name));
    } else if (!sha256(file).equals(line.path("sha256").asString(""))) {
      problem("%s is not what was backed up".formatted(name));
    }
    return true;
  }

  private long count() throws IOException {
    try (Stream<Path> files = Files.walk(top)) {
      return files
          .filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
          // The mark that a restored tablespace keeps.
          .filter(file -> !file.endsWith(RestorePlace.RESTORED))
          .count();
    }
  }

  private void checkBelonging() throws IOException {
    try (InputStream in = Files.newInputStream(data().resolve("global/pg_control"))) {
      byte[] head = in.readNBytes(Long.BYTES);
      String found =
          head.length < Long.BYTES
              ? "none"
              : Long.toUnsignedString(
                  ByteBuffer.wrap(head).order(ByteOrder.nativeOrder()).getLong());
      if (backup.info().systemId().filter(id -> !id.equals(found)).isPresent()) {
        problem("pg_control has the system identifier " + found);
      }
    }
    String label = Files.readString(data().resolve("backup_label"));
    if (backup.info().backupLabel().filter(text -> !text.equals(label)).isPresent()) {
      problem("backup_label is not that of backup.info");
    }
    String major = Files.readString(data().resolve("PG_VERSION")).strip();
    Optional<Integer> version = backup.info().version();
    if (version.isPresent() && !major.equals(String.valueOf(version.get() / 10_000))) {
      problem("PG_VERSION is " + major);
    }
  }

  private static String sha256(Path file) throws IOException {
    try (DigestInputStream in =
        new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
      in.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(in.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static void remove(Path top) throws IOException {
    if (!Files.exists(top, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        top,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
