package dev.howdah.plugins.objectstore.layout;

/**
 * A WAL segment of one timeline.
 *
 * @param timeline the timeline
 * @param number which segment, counted from the beginning of the WAL
 */
public record WalSegment(int timeline, long number) {

  /** The segment that holds a position. */
  public static WalSegment at(int timeline, Lsn lsn, long segmentSize) {
    return new WalSegment(timeline, Long.divideUnsigned(lsn.value(), segmentSize));
  }

  /**
   * The segment that holds the last byte before a position: at a border, the one that ends there.
   * So the position at which a backup stops is named.
   */
  public static WalSegment before(int timeline, Lsn lsn, long segmentSize) {
    return at(timeline, new Lsn(lsn.value() - 1), segmentSize);
  }

  /**
   * The segment that a file's name means.
   *
   * @param name 24 hexadecimal digits
   * @param segmentSize size of a segment in bytes, a power of two
   */
  public static WalSegment parse(String name, long segmentSize) {
    if (!(WalName.parse(name) instanceof WalName.Segment segment)) {
      throw new IllegalArgumentException("'%s' is not the name of a WAL segment.".formatted(name));
    }
    return of(segment, segmentSize);
  }

  /** The segment that a file's name means. */
  public static WalSegment of(WalName.Segment name, long segmentSize) {
    return new WalSegment(name.timeline(), name.log() * perLog(segmentSize) + name.segment());
  }

  /** The segment after this one on the same timeline. */
  public WalSegment next() {
    return new WalSegment(timeline, number + 1);
  }

  /** Where it begins. */
  public Lsn start(long segmentSize) {
    return new Lsn(number * segmentSize);
  }

  /** Its file's name: 24 hexadecimal digits. */
  public String name(long segmentSize) {
    long perLog = perLog(segmentSize);
    return "%08X%08X%08X".formatted(timeline, number / perLog, number % perLog);
  }

  private static long perLog(long segmentSize) {
    if (Long.bitCount(segmentSize) != 1 || segmentSize < 1 << 20 || segmentSize > 1 << 30) {
      throw new IllegalArgumentException(
          "A WAL segment can't have %d bytes; it has a power of two from 1 MiB to 1 GiB."
              .formatted(segmentSize));
    }
    return 0x1_0000_0000L / segmentSize;
  }
}
