package dev.howdah.plugins.objectstore.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
