package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugins.objectstore.store.Content;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.ResumingInputStream;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PacedStoreTest {

  private static final int SIZE = 1 << 20;

  @TempDir Path root;

  private final AtomicLong seen = new AtomicLong();

  @Test
  void readingTakesAsLongAsTheRateSaysAndIsTold() throws Exception {
    long began = System.nanoTime();

    try (ResumingInputStream in = ResumingInputStream.open(paced(4L * SIZE), "object")) {
      assertThat(in.readAllBytes()).hasSize(SIZE);
    }

    // A little less: the last, short debt isn't waited for.
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(200));
    assertThat(seen).hasValue(SIZE);
  }

  @Test
  void whoeverIsInterruptedDoesNotWait() throws Exception {
    try (ResumingInputStream in = ResumingInputStream.open(paced(1), "object")) {
      Thread.currentThread().interrupt();

      assertThatThrownBy(in::readAllBytes)
          .isInstanceOfSatisfying(
              StoreException.class,
              e -> assertThat(e.kind()).isEqualTo(StoreException.Kind.INTERRUPTED));
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  private PacedStore paced(long bytesPerSecond) throws Exception {
    DirectoryStore store = DirectoryStore.open(root);
    store.put("object", Content.of(new byte[SIZE]), WriteOptions.CREATE);
    return new PacedStore(store, bytesPerSecond, seen::addAndGet);
  }
}
