package dev.howdah.plugins.objectstore.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectoryStoreTest extends StoreContract {

  @TempDir Path root;

  @Override
  Store open() throws Exception {
    return DirectoryStore.open(root);
  }

  @Test
  void aDirectoryThatDoesNotExistIsRefused() {
    assertFails(Kind.MISCONFIGURED, () -> DirectoryStore.open(root.resolve("missing")));
  }

  @Test
  void aDirectoryThatVanishedIsNotTakenForAnEmptyStore() throws Exception {
    Path mount = Files.createDirectory(root.resolve("mount"));
    try (Store mounted = DirectoryStore.open(mount)) {
      Files.delete(mount);

      assertFails(Kind.UNAVAILABLE, () -> mounted.list("wals/"));
      assertFails(Kind.UNAVAILABLE, () -> mounted.find("wals/a"));
      assertFails(Kind.UNAVAILABLE, () -> mounted.folders("base/"));
    }
  }

  @Test
  void whoStoresIsNotDisturbedByWhoDeletesTheLastObjectOfAFolder() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        String key = "one/two/three/four/five/" + thread;
        all.add(
            threads.submit(
                () -> {
                  for (int round = 0; round < 150; round++) {
                    store.put(key, Content.of("x"), WriteOptions.CREATE);
                    store.delete(List.of(key));
                  }
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get(120, TimeUnit.SECONDS);
      }
    }
    assertThat(store.folders("")).isEmpty();
  }

  @Test
  void nothingUnfinishedIsLeftBehind() throws Exception {
    store.put("a/b", Content.of("x"), WriteOptions.CREATE);
    assertFails(
        Kind.EXISTS,
        () -> {
          store.put("a/b", Content.of("y"), WriteOptions.CREATE);
          return null;
        });

    try (var files = Files.list(root.resolve(DirectoryStore.UNFINISHED))) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void whatKilledProcessesLeftLongAgoIsRemovedAndNothingElse() throws Exception {
    Path folder = Files.createDirectories(root.resolve(DirectoryStore.UNFINISHED));
    Path old = Files.writeString(folder.resolve("old"), "half");
    Path underway = Files.writeString(folder.resolve("underway"), "half");
    Files.setLastModifiedTime(old, FileTime.from(Instant.now().minus(Duration.ofDays(8))));
    Files.setLastModifiedTime(underway, FileTime.from(Instant.now().minus(Duration.ofDays(2))));

    DirectoryStore.open(root).close();

    assertThat(folder)
        .isDirectoryContaining("glob:**underway")
        .isDirectoryNotContaining("glob:**old");
  }
}
