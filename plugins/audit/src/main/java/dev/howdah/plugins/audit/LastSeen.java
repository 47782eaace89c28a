package dev.howdah.plugins.audit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Remembers the last digest of each of many things, the most recently seen ones only. Thread-safe.
 */
final class LastSeen {

  private final int capacity;
  private final Map<String, String> digests;

  /**
   * Makes an empty memory.
   *
   * @param capacity how many things to remember
   */
  LastSeen(int capacity) {
    this.capacity = capacity;
    this.digests =
        new LinkedHashMap<>(64, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > LastSeen.this.capacity;
          }
        };
  }

  /**
   * Remembers a digest.
   *
   * @return whether it differs from the one remembered before, or none was
   */
  synchronized boolean isNew(String thing, String digest) {
    return !digest.equals(digests.put(thing, digest));
  }

  /** The digest remembered of a thing. */
  synchronized Optional<String> last(String thing) {
    return Optional.ofNullable(digests.get(thing));
  }
}
