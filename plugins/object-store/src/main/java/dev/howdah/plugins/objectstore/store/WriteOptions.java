package dev.howdah.plugins.objectstore.store;

import java.util.Map;

/**
 * How an object is to be stored.
 *
 * @param onlyIfAbsent whether an existing object must be left as it is; atomic where the store has
 *     conditional writes
 * @param tags tags of the object; a store without tags keeps them as metadata or drops them
 */
public record WriteOptions(boolean onlyIfAbsent, Map<String, String> tags) {

  /** Never replaces an object; no tags. */
  public static final WriteOptions CREATE = new WriteOptions(true, Map.of());

  /** Replaces an object that may be there; no tags. */
  public static final WriteOptions REPLACE = new WriteOptions(false, Map.of());

  /** Copies the map. */
  public WriteOptions {
    tags = Map.copyOf(tags);
  }

  /** The same with other tags. */
  public WriteOptions tagged(Map<String, String> otherTags) {
    return new WriteOptions(onlyIfAbsent, otherTags);
  }
}
