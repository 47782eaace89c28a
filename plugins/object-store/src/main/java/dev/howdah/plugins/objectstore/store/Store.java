package dev.howdah.plugins.objectstore.store;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A place that keeps objects under keys, below one root (a bucket and a path in it, or a
 * directory).
 *
 * <p>Keys are relative to the root: segments joined by {@code /}, none of them empty, {@code .} or
 * {@code ..}; no key is at the same time a folder of another. An object is there whole or not at
 * all, and is durable once the call that wrote it has returned.
 *
 * <p>Thread-safe. Calls block, try transient faults again a few times within a bounded time, and
 * end early with {@link StoreException.Kind#INTERRUPTED} when their thread is interrupted.
 */
public interface Store extends AutoCloseable {

  /** The root as a URL without credentials, for messages. */
  String location();

  /** How big parts of an upload may be and how many. */
  PartLimits partLimits();

  /**
   * Looks an object up.
   *
   * @return the object, or empty if the store says that there is none
   */
  Optional<StoredObject> find(String key) throws StoreException;

  /**
   * An object that must be there.
   *
   * @param key its key
   * @param version the version that it must have still; null for any
   * @throws StoreException of kind {@code NOT_FOUND} or {@code CHANGED} if it isn't so
   */
  default StoredObject unchanged(String key, @Nullable String version) throws StoreException {
    StoredObject object =
        find(key)
            .orElseThrow(
                () ->
                    new StoreException(
                        StoreException.Kind.NOT_FOUND,
                        "%s has no %s".formatted(location(), key),
                        null));
    if (version != null && !version.equals(object.version())) {
      throw new StoreException(
          StoreException.Kind.CHANGED, key + " was replaced while it was read", null);
    }
    return object;
  }

  /**
   * Opens an object for reading, on one connection: a broken one shows as an exception of the
   * stream. {@link ResumingInputStream} reads on after that.
   *
   * @param key the key
   * @param offset where to begin, in bytes; below the object's size, or 0
   * @param version if not null, the {@link StoredObject#version()} that the object must still have
   * @throws StoreException of kind {@code NOT_FOUND} if there is no such object, of kind {@code
   *     CHANGED} if it has another version
   */
  Download read(String key, long offset, @Nullable String version) throws StoreException;

  /**
   * Visits every object whose key begins with a prefix, in the keys' order, until the visitor has
   * seen enough. Returning normally means that the listing was complete: any fault in it is thrown.
   *
   * @param prefix beginning of the keys; need not end at a {@code /}
   */
  void list(String prefix, Visitor visitor) throws StoreException;

  /**
   * Names the folders directly below one.
   *
   * @param folder empty or ending in {@code /}
   * @return their names without slashes, in order
   */
  List<String> folders(String folder) throws StoreException;

  /**
   * Stores an object in one go.
   *
   * @throws StoreException of kind {@code EXISTS} if there is one already and the options forbid to
   *     replace it. After a lost answer that may be this call's own.
   */
  void put(String key, Content content, WriteOptions options) throws StoreException;

  /**
   * Begins to store an object in parts. Nothing is visible before {@link Upload#complete()}.
   *
   * @param partSize size in bytes of every part but the last, within {@link #partLimits()}
   */
  Upload upload(String key, int partSize, WriteOptions options) throws StoreException;

  /**
   * Deletes objects. Those that aren't there count as deleted.
   *
   * @throws StoreException if any of them may still be there; others may be gone already
   */
  void delete(Collection<String> keys) throws StoreException;

  /** All objects whose key begins with a prefix; for prefixes that hold few. */
  default List<StoredObject> list(String prefix) throws StoreException {
    List<StoredObject> objects = new ArrayList<>();
    list(
        prefix,
        object -> {
          objects.add(object);
          return true;
        });
    return List.copyOf(objects);
  }

  @Override
  void close();

  /** Sees objects one after the other. */
  @FunctionalInterface
  interface Visitor {

    /**
     * Sees one object.
     *
     * @return whether to go on
     */
    boolean visit(StoredObject object) throws StoreException;
  }
}
