package dev.howdah.plugins.objectstore.backup;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far a backup has come, and whether anybody still wants it. Thread-safe. */
public final class BackupProgress {

  private static final Logger log = LoggerFactory.getLogger(BackupProgress.class);
  private static final long LOG_EVERY_NANOS = Duration.ofSeconds(30).toNanos();

  private final BooleanSupplier cancelled;
  private final AtomicLong lastLogged = new AtomicLong(System.nanoTime());
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong files = new AtomicLong();

  /**
   * Begins at nothing.
   *
   * @param cancelled whether the backup is to be given up
   */
  public BackupProgress(BooleanSupplier cancelled) {
    this.cancelled = cancelled;
  }

  /** Bytes of PostgreSQL's files read. */
  public long bytes() {
    return bytes.get();
  }

  /** Files read. */
  public long files() {
    return files.get();
  }

  void read(long count) throws BackupCancelledException {
    long total = bytes.addAndGet(count);
    long now = System.nanoTime();
    long last = lastLogged.get();
    if (now - last > LOG_EVERY_NANOS && lastLogged.compareAndSet(last, now)) {
      log.atInfo()
          .addKeyValue("bytes", total)
          .addKeyValue("files", files.get())
          .log("Backup goes on");
    }
    check();
  }

  void fileRead() {
    files.incrementAndGet();
  }

  void check() throws BackupCancelledException {
    if (cancelled.getAsBoolean() || Thread.currentThread().isInterrupted()) {
      throw new BackupCancelledException();
    }
  }

  /** Nobody wants the backup any more. */
  static final class BackupCancelledException extends java.io.IOException {
    private static final long serialVersionUID = 1L;

    BackupCancelledException() {
      super("the backup was cancelled");
    }
  }
}
