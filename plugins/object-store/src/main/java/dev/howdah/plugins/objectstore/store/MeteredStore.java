package dev.howdah.plugins.objectstore.store;

import org.jspecify.annotations.Nullable;

/** A store that tells how much is read from it while it is read. Thread-safe. */
public final class MeteredStore extends ForwardingStore {

  private final MeteredInputStream.Listener listener;

  /**
   * Wraps a store, which is closed with this one.
   *
   * @param listener is told how many bytes each reading got, by any thread
   */
  public MeteredStore(Store store, MeteredInputStream.Listener listener) {
    super(store);
    this.listener = listener;
  }

  @Override
  public Download read(String key, long offset, @Nullable String version) throws StoreException {
    Download download = super.read(key, offset, version);
    return new Download(download.object(), new MeteredInputStream(download.content(), listener));
  }
}
