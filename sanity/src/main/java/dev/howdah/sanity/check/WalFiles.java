package dev.howdah.sanity.check;

import dev.howdah.sanity.driver.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A scratch PGDATA with WAL files as PostgreSQL writes them: right size, a first page with a long
 * header, names that no other run uses.
 */
final class WalFiles {
  private static final int SEGMENT = 16 * 1024 * 1024;
  private static final int MAGIC = 0xD116;
  private static final int LONG_HEADER = 0x0002;
  private static final int BLOCK = 8192;
  private static final int PATTERN = 64 * 1024;

  private final Path wal;
  private final Path restored;
  private final int timeline = 0x7F;
  private final int log = new Random().nextInt(0x10000, 0x7FFFFFFF);
  private final AtomicInteger next = new AtomicInteger(1);

  private WalFiles(Path scratch) throws IOException {
    wal = Files.createDirectories(scratch.resolve("pgdata").resolve("pg_wal"));
    restored = Files.createDirectories(scratch.resolve("restored").resolve("pg_wal"));
  }

  static WalFiles of(Session session) {
    return session.given("scratch folder", () -> new WalFiles(session.scratch()));
  }

  /** A name that this run has not used yet; later ones sort after earlier ones. */
  String name() {
    return String.format(Locale.ROOT, "%08X%08X%08X", timeline, log, next.getAndIncrement());
  }

  /** A whole segment of that name, different for each seed. */
  Path segment(String name, long seed) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(SEGMENT).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putShort((short) MAGIC).putShort((short) LONG_HEADER).putInt(timeline);
    bytes.putLong(((long) log << 32) + (long) next.get() * SEGMENT).putInt(0).putInt(0);
    bytes.putLong(7_450_000_000_000_000_000L).putInt(SEGMENT).putInt(BLOCK);
    byte[] noise = new byte[PATTERN];
    new Random(seed).nextBytes(noise);
    bytes.put(noise);
    bytes.position(SEGMENT / 2);
    bytes.put(noise);
    return Files.write(wal.resolve(name), bytes.array());
  }

  /** A segment that a promoted primary gave up in the middle. */
  Path partial(String name, long seed) throws IOException {
    return Files.move(segment(name, seed), wal.resolve(name + ".partial"));
  }

  /** A small file beside the segments, such as a history or backup label. */
  Path small(String name, String text) throws IOException {
    return Files.writeString(wal.resolve(name), text);
  }

  /** Where PostgreSQL asks restored files to go. */
  Path destination(String name) {
    return restored.resolve(name);
  }

  /** The scratch folder of restored files. */
  Path restored() {
    return restored;
  }
}
