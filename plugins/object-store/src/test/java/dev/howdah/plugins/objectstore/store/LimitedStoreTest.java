package dev.howdah.plugins.objectstore.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitedStoreTest extends StoreContract {

  private static final int RATE = 1 << 20;
  private static final int QUARTER = RATE / 4;

  @TempDir Path root;

  @Override
  Store open() throws Exception {
    return new LimitedStore(DirectoryStore.open(root), new LimitedStore.Rates(1L << 33));
  }

  @Test
  void whatIsStoredTakesItsTimeOverAllWhoStore() throws Exception {
    try (Store slow = slow()) {
      long began = System.nanoTime();
      slow.put("a", Content.of(random(QUARTER)), WriteOptions.CREATE);
      Upload upload = slow.upload("b", QUARTER, WriteOptions.CREATE);
      upload.part(1, random(QUARTER), QUARTER);
      upload.part(2, random(QUARTER), QUARTER);
      upload.complete();

      // The first quarter may go at once, the two others wait for those before them.
      assertThat(since(began)).isGreaterThanOrEqualTo(Duration.ofMillis(499));
      assertThat(slow.find("b").orElseThrow().size()).isEqualTo(2 * QUARTER);
    }
  }

  @Test
  void whatIsReadTakesItsTime() throws Exception {
    byte[] bytes = random(2 * QUARTER);
    store.put("a", Content.of(bytes), WriteOptions.CREATE);
    try (Store slow = slow();
        ResumingInputStream in = ResumingInputStream.open(slow, "a")) {
      long began = System.nanoTime();

      assertThat(in.readAllBytes()).isEqualTo(bytes);
      // Less the first chunk, which nothing came before.
      assertThat(since(began)).isGreaterThanOrEqualTo(Duration.ofMillis(400));
    }
  }

  @Test
  void whoeverIsInterruptedWhileWaitingGivesUp() throws Exception {
    try (Store slow = slow()) {
      slow.put("a", Content.of(random(64 * RATE)), WriteOptions.CREATE);
      Thread.currentThread().interrupt();

      assertFails(
          Kind.INTERRUPTED,
          () -> {
            slow.put("b", Content.of("b"), WriteOptions.CREATE);
            return null;
          });
      assertThat(Thread.interrupted()).isTrue();
      assertThat(store.find("b")).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "262144, 262144",
    "256Ki, 262144",
    "50Mi, 52428800",
    "1Gi, 1073741824",
    "2M, 2000000"
  })
  void ratesAreReadWithTheirUnits(String text, long bytesPerSecond) {
    assertThat(TransferRate.parse(text)).isEqualTo(bytesPerSecond);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "fast", "255Ki", "0", "-1Mi", "1.5Mi", "1Ti"})
  void whatIsNoRateOrTooSlowIsRefused(String text) {
    assertThatThrownBy(() -> TransferRate.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + text + "'");
  }

  private Store slow() throws Exception {
    return new LimitedStore(DirectoryStore.open(root), new LimitedStore.Rates(RATE));
  }

  private static Duration since(long nanoTime) {
    return Duration.ofNanos(System.nanoTime() - nanoTime);
  }
}
