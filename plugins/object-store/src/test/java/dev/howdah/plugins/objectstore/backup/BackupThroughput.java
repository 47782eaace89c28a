package dev.howdah.plugins.objectstore.backup;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.store.StoredObject;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How much faster several threads make a base backup: prints MB/s into a directory store for one
 * and more jobs, and the ratio to one, all in one run. Not a test; run by hand on a quiet machine.
 * Arguments: an empty directory, and megabytes of files to make there.
 */
final class BackupThroughput {

  private static final int FILE = 16 << 20;
  private static final int PART = 8 << 20;

  private BackupThroughput() {}

  public static void main(String[] arguments) throws Exception {
    Path data = Files.createDirectories(Path.of(arguments[0]).resolve("data"));
    Archive archive =
        new Archive(
            DirectoryStore.open(Files.createDirectories(Path.of(arguments[0]).resolve("store"))),
            new ArchiveLayout("main"));
    int files = Math.max(1, Integer.parseInt(arguments[1]) * (1 << 20) / FILE);
    make(data, files);
    System.out.printf("%-8s %5s %8s %6s%n", "codec", "jobs", "MB/s", "ratio");
    for (Codec codec : List.of(Codec.NONE, Codec.LZ4, Codec.GZIP, Codec.ZSTD)) {
      store(archive, data, codec, 1);
      double one = 0;
      for (int jobs : List.of(1, 2, 4)) {
        long from = System.nanoTime();
        store(archive, data, codec, jobs);
        double speed = files * (double) FILE / 1e6 / ((System.nanoTime() - from) / 1e9);
        one = jobs == 1 ? speed : one;
        System.out.printf("%-8s %5d %8.0f %6.2f%n", codec, jobs, speed, speed / one);
      }
    }
  }

  // Half of each row is like the others', as in tables.
  private static void make(Path data, int files) throws Exception {
    Random random = new Random(1);
    byte[] bytes = new byte[FILE];
    for (int i = 0; i < files; i++) {
      random.nextBytes(bytes);
      ByteBuffer rows = ByteBuffer.wrap(bytes);
      for (int at = 0; at + 16 <= FILE; at += 16) {
        rows.putLong(at, at / 160);
      }
      Files.write(data.resolve(String.valueOf(i)), bytes);
    }
  }

  private static void store(Archive archive, Path data, Codec codec, int jobs) throws Exception {
    for (StoredObject old : archive.store().list("")) {
      archive.store().delete(List.of(old.key()));
    }
    BackupSettings settings =
        new BackupSettings(codec, jobs, PART, 1L << 40, true, Map.of(), Duration.ofSeconds(1));
    try (ManifestWriter manifest = new ManifestWriter(archive, "1", WriteOptions.CREATE);
        ExecutorService uploads = Executors.newFixedThreadPool(jobs);
        ParallelTars tars =
            new ParallelTars(
                new TarDestination(
                    archive,
                    "1",
                    Optional.empty(),
                    settings,
                    new PartBuffers(jobs + 1, PART),
                    uploads,
                    new BackupProgress(() -> false),
                    manifest,
                    new CopyOnWriteArrayList<>(),
                    new AtomicInteger()))) {
      new DirectoryReader(data, Set.of(), tars).read(entry -> true);
      tars.complete();
    }
  }
}
