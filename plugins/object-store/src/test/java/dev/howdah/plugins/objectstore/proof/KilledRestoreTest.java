package dev.howdah.plugins.objectstore.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.recovery.BackupRestore.Destination;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that restores a base backup is killed midway, and another one begins again. */
@Timeout(180)
class KilledRestoreTest {

  private static final String ID = "20260301T000000";
  private static final int FILES = 80;
  private static final int FILE_SIZE = 512 * 1024;
  private static final int KILLS = 2;
  private static final int ATTEMPTS = 10;

  @TempDir Path scratch;

  private Archive archive;
  private Entry backup;

  @BeforeEach
  void fillArchive() throws Exception {
    Path root = Files.createDirectory(scratch.resolve("root"));
    archive = new Archive(DirectoryStore.open(root), new ArchiveLayout("main"));
    Path folder = Files.createDirectories(root.resolve("main/base/" + ID));
    tar(folder.resolve("data.tar"), List.of("PG_VERSION", "global/pg_control"), "base/5/");
    tar(folder.resolve("data_0001.tar"), List.of("backup_label"), "base/6/");
    tar(folder.resolve("16400.tar"), List.of(), "PG_16_202307071/5/");
    Path wals = Files.createDirectories(root.resolve("main/wals/0000000100000000"));
    Files.createFile(wals.resolve("000000010000000000000002"));
    Files.write(
        folder.resolve("backup.info"),
        BackupInfo.builder()
            .put("status", "DONE")
            .put("begin_time", Instant.parse("2026-03-01T00:00:00Z"))
            .put("end_time", Instant.parse("2026-03-01T00:01:00Z"))
            .put("begin_wal", "000000010000000000000002")
            .put("end_xlog", "0/3000100")
            .put("timeline", 1)
            .tablespaces(List.of(new BackupInfo.Tablespace("fast", 16400, "/nowhere")))
            .build()
            .toBytes());
    backup = Catalogue.read(archive).find(ID).orElseThrow();
  }

  @Test
  void whatAKilledRestoreLeavesIsClearedAwayByTheNextAndNothingIsMissing() throws Exception {
    Path data = scratch.resolve("data");
    Path space = scratch.resolve("space");
    int midway = 0;
    for (int attempt = 0; attempt < ATTEMPTS && midway < KILLS; attempt++) {
      kill(attempt, data, space);
      if (Files.exists(data.resolve(".howdah-restore"))) {
        midway++;
      } else {
        // It was too quick; that database is somebody's now.
        data = scratch.resolve("data-" + attempt);
        space = scratch.resolve("space-" + attempt);
      }
    }
    assertThat(midway).as("restores that were killed midway").isEqualTo(KILLS);
    Files.writeString(data.resolve("halfway"), "of an attempt before");

    BackupRestore.restore(
        archive, backup, new Destination(data, Optional.empty(), Map.of("fast", space), 2));

    assertThat(data.resolve("halfway")).doesNotExist();
    assertThat(data.resolve(".howdah-restore")).doesNotExist();
    assertWhole(data.resolve("base/5"));
    assertWhole(data.resolve("base/6"));
    assertWhole(space.resolve("PG_16_202307071/5"));
  }

  private void kill(int attempt, Path data, Path space) throws Exception {
    try (StoreProcess process =
        StoreProcess.start(
            scratch.resolve("root"), scratch.resolve("spool-" + attempt), Codec.NONE)) {
      CompletableFuture<Boolean> answer =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return process.unpack(ID, data, space);
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              },
              work -> Thread.ofPlatform().daemon().start(work));
      // What is left of the attempt before is still there at first: it is killed while it clears
      // that away, too.
      long files = count(data);
      await()
          .atMost(Duration.ofSeconds(60))
          .pollInterval(Duration.ofMillis(2))
          .until(() -> answer.isDone() || count(data) != files);
      process.kill();
    }
  }

  private static long count(Path directory) throws IOException {
    Path folder = directory.resolve("base/5");
    if (!Files.isDirectory(folder)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.count();
    }
  }

  private static void assertWhole(Path folder) throws IOException {
    for (int i = 0; i < FILES; i++) {
      assertThat(Arrays.equals(Files.readAllBytes(folder.resolve(String.valueOf(i))), content(i)))
          .as("%s/%d", folder, i)
          .isTrue();
    }
    assertThat(folder.toFile().list()).hasSize(FILES);
  }

  private static byte[] content(int seed) {
    byte[] content = new byte[FILE_SIZE];
    new Random(seed).nextBytes(content);
    return content;
  }

  private static void tar(Path file, List<String> small, String folder) throws IOException {
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file));
        TarArchiveOutputStream tar = new TarArchiveOutputStream(out)) {
      for (String name : small) {
        entry(tar, name, name.getBytes(StandardCharsets.UTF_8));
      }
      for (int i = 0; i < FILES; i++) {
        entry(tar, folder + i, content(i));
      }
    }
  }

  private static void entry(TarArchiveOutputStream tar, String name, byte[] content)
      throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(name);
    entry.setSize(content.length);
    tar.putArchiveEntry(entry);
    tar.write(content);
    tar.closeArchiveEntry();
  }
}
