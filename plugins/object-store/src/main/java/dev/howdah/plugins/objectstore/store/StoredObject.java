package dev.howdah.plugins.objectstore.store;

import java.time.Instant;

/**
 * An object as a store describes it.
 *
 * @param key its key, relative to the store's root
 * @param size its size in bytes
 * @param modified when it was stored, by the store's clock
 * @param version changes with the content; opaque
 */
public record StoredObject(String key, long size, Instant modified, String version) {

  /** The last segment of the key. */
  public String name() {
    return key.substring(key.lastIndexOf('/') + 1);
  }
}
