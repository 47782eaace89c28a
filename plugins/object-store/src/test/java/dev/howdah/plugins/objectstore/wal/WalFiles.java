package dev.howdah.plugins.objectstore.wal;

import dev.howdah.plugins.objectstore.layout.WalSegment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.CRC32C;

/** Writes files that begin like WAL segments. */
public final class WalFiles {

  public static final long SEGMENT = 1 << 20;
  public static final long SYSTEM = 7300000000000000001L;

  private static final int HEADER = 40;
  private static final int RECORD = 24;

  private WalFiles() {}

  public static byte[] segment(String name, long systemId, int seed) {
    byte[] bytes = new byte[(int) SEGMENT];
    Random random = new Random(seed);
    for (int i = 0; i < bytes.length; i += 5) {
      bytes[i] = (byte) random.nextInt();
    }
    return withHeader(bytes, name, systemId);
  }

  /** One of any size that no codec makes smaller. */
  public static byte[] dense(String name, int size, int seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return withHeader(bytes, name, SYSTEM);
  }

  /** One that holds nothing but the record that ends it, as it follows one like it. */
  public static byte[] sound(String name, long systemId) {
    byte[] bytes = withHeader(new byte[(int) SEGMENT], name, systemId);
    long start = WalSegment.parse(name, SEGMENT).start(SEGMENT).value();
    ByteBuffer record =
        ByteBuffer.wrap(bytes, HEADER, RECORD).slice().order(ByteOrder.nativeOrder());
    record.putInt(0, RECORD).putLong(8, start - SEGMENT + HEADER).put(16, (byte) 0x40);
    CRC32C crc = new CRC32C();
    crc.update(bytes, HEADER, RECORD - Integer.BYTES);
    record.putInt(RECORD - Integer.BYTES, (int) crc.getValue());
    return bytes;
  }

  private static byte[] withHeader(byte[] bytes, String name, long systemId) {
    WalSegment segment = WalSegment.parse(name, bytes.length);
    ByteBuffer.wrap(bytes)
        .order(ByteOrder.nativeOrder())
        .putShort(0, (short) 0xD113)
        .putShort(2, (short) 2)
        .putInt(4, segment.timeline())
        .putLong(8, segment.start(bytes.length).value())
        .putLong(24, systemId)
        .putInt(32, bytes.length)
        .putInt(36, 8192);
    return bytes;
  }

  /** Puts a segment into a directory as PostgreSQL would, marked ready. */
  public static Path ready(Path walDirectory, String name, int seed) throws IOException {
    return ready(walDirectory, name, segment(name, SYSTEM, seed));
  }

  /** Puts given bytes there. */
  public static Path ready(Path walDirectory, String name, byte[] bytes) throws IOException {
    Files.createDirectories(walDirectory.resolve("archive_status"));
    Path segment = Files.write(walDirectory.resolve(name), bytes);
    Files.write(walDirectory.resolve("archive_status").resolve(name + ".ready"), new byte[0]);
    return segment;
  }
}
