package dev.howdah.plugins.objectstore;

import dev.howdah.plugins.objectstore.store.Download;
import dev.howdah.plugins.objectstore.store.ForwardingStore;
import dev.howdah.plugins.objectstore.store.Store;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** A store that tells how much is read from it while it is read. */
final class MeteredStore extends ForwardingStore {

  private final LongConsumer progress;

  /**
   * Wraps a store.
   *
   * @param progress is told how many bytes each reading got
   */
  MeteredStore(Store store, LongConsumer progress) {
    super(store);
    this.progress = progress;
  }

  @Override
  public Download read(String key, long offset, @Nullable String version) throws StoreException {
    Download download = super.read(key, offset, version);
    return new Download(download.object(), new Metered(download.content()));
  }

  private final class Metered extends FilterInputStream {

    Metered(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int read = in.read();
      if (read >= 0) {
        progress.accept(1);
      }
      return read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = in.read(bytes, offset, length);
      if (read > 0) {
        progress.accept(read);
      }
      return read;
    }
  }
}
