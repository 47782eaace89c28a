package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Until;
import dev.howdah.plugins.objectstore.wal.WalRecordChain.Head;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/**
 * Knows the WAL record of one recovery target when it sees it: that of a restore point, or one that
 * ends a transaction, in two phases or in one. The numbers are those of PostgreSQL 14 to 18.
 */
final class TargetRecords {

  private static final Instant POSTGRES_EPOCH = Instant.parse("2000-01-01T00:00:00Z");

  private static final int XLOG_MANAGER = 0;
  private static final int RESTORE_POINT = 0x70;
  private static final int LONGEST_NAME = 64;

  private static final int TRANSACTION_MANAGER = 1;
  private static final int TRANSACTION_OPERATION = 0x70;
  private static final int COMMIT = 0x00;
  private static final int ABORT = 0x20;
  private static final int COMMIT_PREPARED = 0x30;
  private static final int ABORT_PREPARED = 0x40;
  private static final int HAS_MORE = 0x80;

  private static final int DATABASE = 1;
  private static final int SUBTRANSACTIONS = 1 << 1;
  private static final int FILES = 1 << 2;
  private static final int INVALIDATIONS = 1 << 3;
  private static final int TWO_PHASES = 1 << 4;
  private static final int STATISTICS = 1 << 8;

  private static final int SHORT_DATA = 255;
  private static final int LONG_DATA = 254;
  private static final int ORIGIN = 253;
  private static final int TOP_TRANSACTION = 252;

  private final Until.Recorded point;
  private final int statisticsSize;

  /**
   * Makes it.
   *
   * @param version of PostgreSQL, such as 160004
   */
  TargetRecords(Until.Recorded point, int version) {
    this.point = point;
    this.statisticsSize = version >= 18_00_00 ? 16 : 12;
  }

  /** Whether the body is worth a look. */
  boolean mayBe(Head head) {
    return switch (point) {
      case Until.RestorePoint restorePoint ->
          head.manager() == XLOG_MANAGER && (head.info() & 0xF0) == RESTORE_POINT;
      case Until.Transaction transaction ->
          head.manager() == TRANSACTION_MANAGER
              && (ends(head) && head.transaction() == transaction.id() || endsPrepared(head));
    };
  }

  private static boolean ends(Head head) {
    int operation = head.info() & TRANSACTION_OPERATION;
    return operation == COMMIT || operation == ABORT;
  }

  private static boolean endsPrepared(Head head) {
    int operation = head.info() & TRANSACTION_OPERATION;
    return operation == COMMIT_PREPARED || operation == ABORT_PREPARED;
  }

  /** The time in the record, if it is the one. */
  Optional<Instant> timeOf(Head head, byte[] body) {
    try {
      Optional<ByteBuffer> data = data(body);
      return data.isEmpty() ? Optional.empty() : timeOf(head, data.get());
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      // Another record than these numbers mean: a module's, or of a version to come.
      return Optional.empty();
    }
  }

  private Optional<Instant> timeOf(Head head, ByteBuffer data) {
    Instant time = POSTGRES_EPOCH.plus(data.getLong(), ChronoUnit.MICROS);
    boolean it =
        switch (point) {
          case Until.RestorePoint restorePoint -> name(data).equals(restorePoint.name());
          case Until.Transaction transaction ->
              ends(head) || prepared(head, data) == transaction.id();
        };
    return it ? Optional.of(time) : Optional.empty();
  }

  private static String name(ByteBuffer data) {
    byte[] name = new byte[Math.min(LONGEST_NAME, data.remaining())];
    data.get(name);
    int length = 0;
    while (length < name.length && name[length] != 0) {
      length++;
    }
    return new String(name, 0, length, StandardCharsets.UTF_8);
  }

  // The session that ends a prepared transaction isn't in it, so its id stands behind all that the
  // transaction did. 0 is nobody's.
  private long prepared(Head head, ByteBuffer data) {
    int parts = (head.info() & HAS_MORE) == 0 ? 0 : data.getInt();
    if ((parts & TWO_PHASES) == 0) {
      return 0;
    }
    skip(data, (parts & DATABASE) == 0 ? 0 : 8);
    skipArray(data, parts & SUBTRANSACTIONS, 4);
    skipArray(data, parts & FILES, 12);
    skipArray(data, parts & STATISTICS, statisticsSize);
    skipArray(data, parts & INVALIDATIONS, 16);
    return Integer.toUnsignedLong(data.getInt());
  }

  private static void skipArray(ByteBuffer data, int there, int elementSize) {
    if (there != 0) {
      skip(data, Math.multiplyExact(data.getInt(), elementSize));
    }
  }

  private static void skip(ByteBuffer data, int count) {
    data.position(data.position() + count);
  }

  // These records change no pages, so what isn't about the data as a whole doesn't come.
  private static Optional<ByteBuffer> data(byte[] body) {
    ByteBuffer all = ByteBuffer.wrap(body).order(ByteOrder.nativeOrder());
    while (all.hasRemaining()) {
      switch (Byte.toUnsignedInt(all.get())) {
        case ORIGIN -> skip(all, 2);
        case TOP_TRANSACTION -> skip(all, 4);
        case SHORT_DATA -> {
          return Optional.of(slice(all, Byte.toUnsignedInt(all.get())));
        }
        case LONG_DATA -> {
          return Optional.of(slice(all, all.getInt()));
        }
        default -> {
          return Optional.empty();
        }
      }
    }
    return Optional.empty();
  }

  private static ByteBuffer slice(ByteBuffer all, int length) {
    return all.slice(all.position(), length).order(ByteOrder.nativeOrder());
  }
}
