package dev.howdah.plugins.objectstore;

import dev.howdah.plugins.objectstore.store.Store;
import java.lang.ref.Cleaner;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Stores that others have taken the place of, as after a Secret was changed. Calls that began with
 * one may go on for hours, so it is closed when nothing refers to it any more; where keys change
 * every hour, clients with their connections would pile up else. Thread-safe.
 */
final class ReplacedStores implements AutoCloseable {

  private final Set<Store> open = ConcurrentHashMap.newKeySet();
  private @Nullable Cleaner cleaner;

  /**
   * Closes a store once it is no longer used.
   *
   * @param handle what its users have of it, and of their downloads and uploads
   * @param store the store itself, which must not refer to the handle
   */
  synchronized void closeWhenUnused(Store handle, Store store) {
    Cleaner known = cleaner;
    if (known == null) {
      known = Cleaner.create();
      cleaner = known;
    }
    open.add(store);
    known.register(handle, () -> close(store));
  }

  private void close(Store store) {
    if (open.remove(store)) {
      store.close();
    }
  }

  /** Closes them all, used or not. */
  @Override
  public void close() {
    open.forEach(this::close);
  }
}
