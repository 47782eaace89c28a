package dev.howdah.plugins.objectstore;

import dev.howdah.plugins.objectstore.store.Download;
import dev.howdah.plugins.objectstore.store.Store;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * A store that is read no faster than a given rate, so that work without haste leaves the network
 * and the disk to the database. What is read in one second too little isn't made up for. For one
 * thread's reading at a time.
 */
final class PacedStore extends ForwardingStore {

  private static final long NANOS = TimeUnit.SECONDS.toNanos(1);
  // Shorter sleeps cost more than they are long.
  private static final long SHORTEST_SLEEP = TimeUnit.MILLISECONDS.toNanos(10);

  private final long bytesPerSecond;
  private final LongConsumer progress;
  // When the bytes read so far are paid for, by System.nanoTime().
  private long free = System.nanoTime();

  /**
   * Slows a store down.
   *
   * @param bytesPerSecond the rate; 0 for none
   * @param progress is told how many bytes each reading got
   */
  PacedStore(Store store, long bytesPerSecond, LongConsumer progress) {
    super(store);
    this.bytesPerSecond = bytesPerSecond;
    this.progress = progress;
  }

  @Override
  public Download read(String key, long offset, @Nullable String version) throws StoreException {
    Download download = super.read(key, offset, version);
    return new Download(download.object(), new PacedStream(download.content()));
  }

  private void pace(int bytes) throws StoreException {
    progress.accept(bytes);
    if (bytesPerSecond <= 0) {
      return;
    }
    long now = System.nanoTime();
    free = Math.max(free, now) + bytes * NANOS / bytesPerSecond;
    if (free - now < SHORTEST_SLEEP) {
      return;
    }
    try {
      TimeUnit.NANOSECONDS.sleep(free - now);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(StoreException.Kind.INTERRUPTED, "reading was given up", e);
    }
  }

  private final class PacedStream extends FilterInputStream {

    PacedStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int read = in.read();
      if (read >= 0) {
        pace(1);
      }
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = in.read(bytes, offset, length);
      if (read > 0) {
        pace(read);
      }
      return read;
    }
  }
}
