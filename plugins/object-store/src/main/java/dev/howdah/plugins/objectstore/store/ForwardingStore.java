package dev.howdah.plugins.objectstore.store;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A store that asks another one; for those that change one thing about it. Thread-safe. */
public abstract class ForwardingStore implements Store {

  private final Store store;

  /** Wraps a store, which is closed with this one. */
  protected ForwardingStore(Store store) {
    this.store = store;
  }

  @Override
  public String location() {
    return store.location();
  }

  @Override
  public PartLimits partLimits() {
    return store.partLimits();
  }

  @Override
  public Optional<StoredObject> find(String key) throws StoreException {
    return store.find(key);
  }

  @Override
  public Download read(String key, long offset, @Nullable String version) throws StoreException {
    return store.read(key, offset, version);
  }

  @Override
  public void list(String prefix, Visitor visitor) throws StoreException {
    store.list(prefix, visitor);
  }

  @Override
  public List<String> folders(String folder) throws StoreException {
    return store.folders(folder);
  }

  @Override
  public void put(String key, Content content, WriteOptions options) throws StoreException {
    store.put(key, content, options);
  }

  @Override
  public Upload upload(String key, int partSize, WriteOptions options) throws StoreException {
    return store.upload(key, partSize, options);
  }

  @Override
  public void delete(Collection<String> keys) throws StoreException {
    store.delete(keys);
  }

  @Override
  public void close() {
    store.close();
  }
}
