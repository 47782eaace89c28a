package dev.howdah.plugins.objectstore.layout;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * What the first page of a WAL segment says of it.
 *
 * @param magic changes with the WAL format of PostgreSQL's major versions
 * @param timeline timeline of the first record on the page; not above that of the file's name
 * @param pageAddress where the segment begins
 * @param systemId system identifier of the database, unsigned
 * @param segmentSize size of a segment in bytes
 * @param blockSize size of a page in bytes
 */
public record WalHeader(
    int magic, int timeline, Lsn pageAddress, long systemId, long segmentSize, int blockSize) {

  /** How many bytes of the file are needed. */
  public static final int LENGTH = 40;

  private static final int LONG_HEADER = 0x0002;
  // All versions since 9.3 have it; the last byte counts up.
  private static final int MAGIC_FAMILY = 0xD000;

  /**
   * Reads the beginning of a segment.
   *
   * @param bytes its first bytes
   * @return the header, or empty if this isn't the beginning of a segment
   */
  public static Optional<WalHeader> parse(byte[] bytes) {
    if (bytes.length < LENGTH) {
      return Optional.empty();
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    int magic = Short.toUnsignedInt(buffer.getShort(0));
    int info = Short.toUnsignedInt(buffer.getShort(2));
    WalHeader header =
        new WalHeader(
            magic,
            buffer.getInt(4),
            new Lsn(buffer.getLong(8)),
            buffer.getLong(24),
            Integer.toUnsignedLong(buffer.getInt(32)),
            buffer.getInt(36));
    boolean plausible =
        (magic & 0xF000) == MAGIC_FAMILY
            && (info & LONG_HEADER) != 0
            && Long.bitCount(header.segmentSize) == 1
            && header.segmentSize >= 1 << 20
            && header.segmentSize <= 1 << 30;
    return plausible ? Optional.of(header) : Optional.empty();
  }

  /** The system identifier as PostgreSQL prints it. */
  public String systemIdText() {
    return Long.toUnsignedString(systemId);
  }

  /**
   * What is wrong with a file that has this header and a name, if anything.
   *
   * @param name the name of the segment that the file is said to be
   * @param length the file's length in bytes
   */
  public Optional<String> contradiction(WalName.Segment name, long length) {
    if (length != segmentSize) {
      return Optional.of("it has %d bytes instead of %d".formatted(length, segmentSize));
    }
    Lsn start = WalSegment.of(name, segmentSize).start(segmentSize);
    if (!start.equals(pageAddress)) {
      return Optional.of("it begins at %s instead of %s".formatted(pageAddress, start));
    }
    if (Integer.compareUnsigned(timeline, name.timeline()) > 0) {
      return Optional.of("it is of timeline %d".formatted(timeline));
    }
    return Optional.empty();
  }
}
