package dev.howdah.plugins.objectstore.wal;

import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.layout.WalHeader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Follows the records of WAL from page to page and from segment to segment, and finds the first
 * that isn't as PostgreSQL wrote it: each has a CRC-32C of its own and says where the one before it
 * begins. Records are not held as a whole unless a reader asks for one, so memory is one page. For
 * one thread.
 *
 * <p>Of the very first segment the record that it begins in the middle of can't be checked. What
 * isn't a record (the padding between two, what follows a switch to the next segment) is not looked
 * at, nor does PostgreSQL.
 */
public final class WalRecordChain {

  private static final int SMALLEST_PAGE = 1 << 10;
  private static final int LARGEST_PAGE = 1 << 16;
  private static final int SHORT_PAGE_HEADER = 24;
  private static final int FIRST_IS_CONTINUATION = 0x0001;
  private static final int LONG_HEADER = 0x0002;
  private static final int FIRST_OVERWRITES = 0x0008;

  private static final int RECORD_HEADER = 24;
  private static final int RECORD_TRANSACTION = 4;
  private static final int RECORD_PREVIOUS = 8;
  private static final int RECORD_INFO = 16;
  private static final int RECORD_MANAGER = 17;
  private static final int RECORD_CRC = 20;
  private static final int SWITCH = 0x40;
  private static final int ALIGNMENT = 8;

  // Far more than any record has that somebody wants to read.
  private static final int LONGEST_BODY = 1 << 20;

  private final byte[] header = new byte[RECORD_HEADER];
  private final CRC32C crc = new CRC32C();
  private final Reader reader;
  private Optional<Consumer<byte[]>> wanted = Optional.empty();
  private @Nullable ByteBuffer body;
  private boolean started;
  private long skip;
  private long left;
  private int headerRead;
  private Lsn record = new Lsn(0);
  private @Nullable Lsn previous;
  private long records;

  /** Begins a chain that has no segment yet. */
  public WalRecordChain() {
    this((at, head) -> Optional.empty());
  }

  /** Begins a chain that has no segment yet, and shows its records to somebody. */
  public WalRecordChain(Reader reader) {
    this.reader = reader;
  }

  /**
   * What every record begins with.
   *
   * @param transaction its transaction; 0 if it is of none
   * @param manager number of the resource manager that it is for
   * @param info what kind of record it is, to its manager
   */
  public record Head(long transaction, int manager, int info) {}

  /** Is shown each record's head, and of those that it wants the body. */
  @FunctionalInterface
  public interface Reader {
    /**
     * A record begins.
     *
     * @param at where
     * @return what to do with its body, if anything; called if the record is as it should be
     */
    Optional<Consumer<byte[]>> begins(Lsn at, Head head);
  }

  /** How many records were found to be as they should be. */
  public long records() {
    return records;
  }

  /**
   * Reads the next segment.
   *
   * @param in the whole segment, decompressed
   * @param segment what its first page says, which the caller has checked
   * @return what is wrong, if anything; the chain can't be followed further then
   * @throws IOException if it can't be read
   */
  public Optional<String> follow(InputStream in, WalHeader segment) throws IOException {
    int size = segment.blockSize();
    if (Integer.bitCount(size) != 1 || size < SMALLEST_PAGE || size > LARGEST_PAGE) {
      return Optional.of("pages can't have %d bytes".formatted(size));
    }
    byte[] bytes = new byte[size];
    ByteBuffer page = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
    long start = segment.pageAddress().value();
    boolean switched = false;
    for (long offset = 0; offset < segment.segmentSize(); offset += bytes.length) {
      int read = in.readNBytes(bytes, 0, bytes.length);
      if (read < bytes.length) {
        return Optional.of(
            "it has %d bytes instead of %d".formatted(offset + read, segment.segmentSize()));
      }
      if (switched) {
        continue;
      }
      try {
        switched = follow(page, new Lsn(start + offset), segment);
      } catch (BrokenException e) {
        return Optional.of(String.valueOf(e.getMessage()));
      }
    }
    return in.read() < 0
        ? Optional.empty()
        : Optional.of("it has more than %d bytes".formatted(segment.segmentSize()));
  }

  /** Reads a page, and says whether the rest of its segment is empty. */
  private boolean follow(ByteBuffer page, Lsn address, WalHeader segment) throws BrokenException {
    int flags = Short.toUnsignedInt(page.getShort(2));
    if (Short.toUnsignedInt(page.getShort(0)) != segment.magic()
        || page.getLong(8) != address.value()) {
      throw new BrokenException("the page at %s is not WAL of this segment".formatted(address));
    }
    begin(flags, Integer.toUnsignedLong(page.getInt(16)), address);
    int at = (flags & LONG_HEADER) != 0 ? WalHeader.LENGTH : SHORT_PAGE_HEADER;
    while (at < page.capacity()) {
      if (skip > 0) {
        int count = (int) Math.min(skip, page.capacity() - at);
        skip -= count;
        at = align(at + count);
        continue;
      }
      if (left == 0) {
        beginRecord(page, at, new Lsn(address.value() + at));
      }
      int count = (int) Math.min(left, page.capacity() - at);
      take(page, at, count);
      at = align(at + count);
      if (left == 0 && endRecord()) {
        return true;
      }
    }
    return false;
  }

  private void begin(int flags, long continued, Lsn address) throws BrokenException {
    boolean continuation = (flags & FIRST_IS_CONTINUATION) != 0;
    if (!started) {
      started = true;
      skip = continuation ? continued : 0;
    } else if (left > 0 && (flags & FIRST_OVERWRITES) != 0) {
      // A crash came before the rest of the record, and PostgreSQL gave it up when it started
      // again.
      left = 0;
    } else if (skip == 0 && (continuation ? continued : 0) != left) {
      throw new BrokenException(
          "the record at %s is not continued on the page at %s".formatted(record, address));
    }
  }

  private void beginRecord(ByteBuffer page, int at, Lsn address) throws BrokenException {
    long length = Integer.toUnsignedLong(page.getInt(at));
    if (length < RECORD_HEADER) {
      throw new BrokenException("there is no record at %s".formatted(address));
    }
    record = address;
    left = length;
    headerRead = 0;
    wanted = Optional.empty();
    body = null;
    crc.reset();
  }

  private void take(ByteBuffer page, int at, int count) {
    int ofHeader = Math.min(count, RECORD_HEADER - headerRead);
    page.get(at, header, headerRead, ofHeader);
    headerRead += ofHeader;
    if (ofHeader > 0 && headerRead == RECORD_HEADER) {
      showHead(left - ofHeader);
    }
    crc.update(page.array(), at + ofHeader, count - ofHeader);
    if (body != null) {
      body.put(page.array(), at + ofHeader, Math.min(count - ofHeader, body.remaining()));
    }
    left -= count;
  }

  private void showHead(long rest) {
    ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.nativeOrder());
    wanted =
        reader.begins(
            record,
            new Head(
                Integer.toUnsignedLong(fields.getInt(RECORD_TRANSACTION)),
                Byte.toUnsignedInt(header[RECORD_MANAGER]),
                Byte.toUnsignedInt(header[RECORD_INFO])));
    body = wanted.isEmpty() ? null : ByteBuffer.allocate((int) Math.min(rest, LONGEST_BODY));
  }

  /** Checks a record that was read, and says whether it is a switch to the next segment. */
  private boolean endRecord() throws BrokenException {
    ByteBuffer fields = ByteBuffer.wrap(header).order(ByteOrder.nativeOrder());
    // The header comes last, without the sum itself.
    crc.update(header, 0, RECORD_CRC);
    if ((int) crc.getValue() != fields.getInt(RECORD_CRC)) {
      throw new BrokenException("the record at %s has a wrong CRC".formatted(record));
    }
    Lsn before = new Lsn(fields.getLong(RECORD_PREVIOUS));
    if (previous != null && !previous.equals(before)) {
      throw new BrokenException(
          "the record at %s follows one at %s instead of %s".formatted(record, before, previous));
    }
    previous = record;
    records++;
    if (body != null) {
      byte[] whole = body.array();
      wanted.ifPresent(use -> use.accept(whole));
    }
    return header[RECORD_MANAGER] == 0 && (header[RECORD_INFO] & 0xF0) == SWITCH;
  }

  private static int align(int offset) {
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  /** A record or a page isn't as it should be. */
  private static final class BrokenException extends Exception {
    private static final long serialVersionUID = 1L;

    BrokenException(String message) {
      super(message);
    }
  }
}
