package dev.howdah.plugins.objectstore.store;

/**
 * What a store allows for objects that are uploaded in parts.
 *
 * @param smallest smallest size in bytes of every part but the last
 * @param largest largest size in bytes of a part
 * @param count most parts that an object may have
 */
public record PartLimits(int smallest, int largest, int count) {

  /** The given size in bytes, brought between the smallest and the largest. */
  public int clamp(int partSize) {
    return Math.clamp(partSize, smallest, largest);
  }
}
