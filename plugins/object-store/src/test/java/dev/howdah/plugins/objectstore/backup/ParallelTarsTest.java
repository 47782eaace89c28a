package dev.howdah.plugins.objectstore.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout.DataName;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.store.StoredObject;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ParallelTarsTest {

  private static final String ID = "20261101T100000";
  private static final int PART = 1 << 20;

  @TempDir Path root;
  @TempDir Path data;

  private final Map<String, byte[]> files = new HashMap<>();
  private Archive archive;

  @BeforeEach
  void makeFiles() throws Exception {
    archive = new Archive(DirectoryStore.open(root), new ArchiveLayout("main"));
    Random random = new Random(7);
    for (int i = 0; i < 300; i++) {
      String path = "base/%d/%d".formatted(i % 5, i);
      byte[] content = new byte[random.nextInt(200_000)];
      random.nextBytes(content);
      Files.createDirectories(data.resolve(path).getParent());
      Files.write(data.resolve(path), content);
      files.put(path, content);
    }
  }

  @Test
  void everyFileIsStoredOnceAndTheArchivesAreNumberedWithoutGaps() throws Exception {
    for (int jobs : List.of(1, 4)) {
      for (StoredObject old : archive.store().list("")) {
        archive.store().delete(List.of(old.key()));
      }

      store(jobs, new BackupProgress(() -> false));

      Map<String, byte[]> found = new HashMap<>();
      List<Integer> numbers = new ArrayList<>();
      for (StoredObject object : archive.store().list(archive.layout().backup(ID))) {
        Optional<DataName> name = DataName.parse(object.name());
        if (name.isPresent()) {
          numbers.add(name.get().part());
          read(object).forEach((path, content) -> assertThat(found.put(path, content)).isNull());
        }
      }
      assertThat(found.keySet()).isEqualTo(files.keySet());
      found.forEach((path, content) -> assertThat(content).isEqualTo(files.get(path)));
      assertThat(numbers).hasSizeBetween(2, jobs + 1).isSubsetOf(0, 1, 2, 3, 4);
      assertThat(numbers).contains(0).doesNotHaveDuplicates();
      assertThat(java.util.Collections.max(numbers)).isEqualTo(numbers.size() - 1);
    }
  }

  @Test
  void largeFilesAreStoredBeforeSmallOnesAndTheLargestFirst() throws Exception {
    for (Map.Entry<String, Integer> large :
        Map.of("base/1/1.large", 33, "base/4/zz", 40, "base/3/b", 36).entrySet()) {
      try (RandomAccessFile file =
          new RandomAccessFile(data.resolve(large.getKey()).toFile(), "rw")) {
        file.setLength((long) large.getValue() << 20);
      }
    }

    store(1, new BackupProgress(() -> false));

    List<String> order = new ArrayList<>();
    for (StoredObject object : archive.store().list(archive.layout().backup(ID))) {
      if (DataName.parse(object.name()).filter(name -> name.part() == 1).isPresent()) {
        order.addAll(read(object).keySet());
      }
    }
    assertThat(order)
        .hasSize(files.size() + 3)
        .startsWith("base/4/zz", "base/3/b", "base/1/1.large")
        .doesNotHaveDuplicates();
  }

  @Test
  void aFailureOfOneThreadEndsAllAndLeavesNoArchive() throws Exception {
    AtomicInteger questions = new AtomicInteger();

    assertThatThrownBy(() -> store(4, new BackupProgress(() -> questions.incrementAndGet() > 200)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cancelled");

    assertThat(archive.store().list(archive.layout().backup(ID))).isEmpty();
  }

  private void store(int jobs, BackupProgress progress) throws IOException {
    BackupSettings settings =
        new BackupSettings(Codec.LZ4, jobs, PART, 1L << 30, true, Map.of(), Duration.ofSeconds(1));
    try (ManifestWriter manifest = new ManifestWriter(archive, ID, WriteOptions.CREATE);
        ExecutorService uploads = Executors.newFixedThreadPool(jobs)) {
      TarDestination to =
          new TarDestination(
              archive,
              ID,
              Optional.empty(),
              settings,
              // The least there ever is: a thread that held two would stand still for ever.
              new PartBuffers(jobs, PART),
              uploads,
              progress,
              manifest,
              new CopyOnWriteArrayList<>(),
              new AtomicInteger());
      try (ParallelTars tars = new ParallelTars(to)) {
        new DirectoryReader(data, Set.of(), tars).read(entry -> true);
        tars.complete();
      }
    }
  }

  private Map<String, byte[]> read(StoredObject object) throws IOException {
    Map<String, byte[]> found = new LinkedHashMap<>();
    try (InputStream in = archive.open(object.key(), Codec.LZ4);
        TarArchiveInputStream tar = new TarArchiveInputStream(in)) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        if (entry.isFile()) {
          found.put(entry.getName(), tar.readAllBytes());
        }
      }
    }
    return found;
  }
}
