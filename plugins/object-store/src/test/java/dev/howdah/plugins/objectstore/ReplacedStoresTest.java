package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.plugins.objectstore.store.Content;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.Download;
import dev.howdah.plugins.objectstore.store.ForwardingStore;
import dev.howdah.plugins.objectstore.store.Store;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplacedStoresTest {

  @TempDir Path root;

  private final StoreFaults faults = new StoreFaults();

  /** Knows whether it was closed. */
  private static final class Closing extends ForwardingStore {
    private volatile boolean closed;

    Closing(Store store) {
      super(store);
    }

    @Override
    public void close() {
      closed = true;
    }
  }

  @Test
  void aStoreIsOpenWhileADownloadFromItGoesOnAndClosedAfterwards() throws Exception {
    Closing store = new Closing(DirectoryStore.open(root));
    store.put("a", Content.of("text"), WriteOptions.CREATE);
    ReplacedStores replaced = new ReplacedStores();
    InputStream content = replacedWhileRead(replaced, store);

    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    assertThat(store.closed).isFalse();
    assertThat(content.readAllBytes()).hasSize(4);
    content.close();
    content = null;

    await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () -> {
              System.gc();
              return store.closed;
            });
  }

  private InputStream replacedWhileRead(ReplacedStores replaced, Store store) throws Exception {
    Store handle = faults.counting(store);
    Download download = handle.read("a", 0, null);
    replaced.closeWhenUnused(handle, store);
    return download.content();
  }

  @Test
  void allAreClosedAtTheEnd() throws Exception {
    Closing store = new Closing(DirectoryStore.open(root));
    Store handle = faults.counting(store);
    ReplacedStores replaced = new ReplacedStores();
    replaced.closeWhenUnused(handle, store);

    replaced.close();

    assertThat(store.closed).isTrue();
    assertThat(handle.location()).startsWith("file://");
  }
}
