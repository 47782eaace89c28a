package dev.howdah.host.objectstore;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The header that PostgreSQL writes at the beginning of a segment. */
final class WalHeaders {

  private WalHeaders() {}

  /**
   * Writes it.
   *
   * @param segment the whole segment; its length is the segment size
   * @param number of the segment on its timeline
   */
  static byte[] write(byte[] segment, int timeline, int number) {
    ByteBuffer.wrap(segment)
        .order(ByteOrder.nativeOrder())
        .putShort(0, (short) 0xD113)
        .putShort(2, (short) 2)
        .putInt(4, timeline)
        .putLong(8, (long) number * segment.length)
        .putLong(24, 42)
        .putInt(32, segment.length)
        .putInt(36, 8192);
    return segment;
  }
}
