package dev.howdah.plugins.objectstore.store;

import dev.howdah.plugins.objectstore.store.StoreException.Kind;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * So many bytes a second. Whoever transfers says how much, and waits until what was transferred
 * before is paid for; so the rate holds over all callers together, and nobody's piece is cut.
 * Thread-safe.
 */
public final class TransferRate {

  // Below, a single part of a backup takes longer than stores wait for one.
  private static final long SLOWEST = 256 << 10;
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,12})(Ki|Mi|Gi|k|M|G)?");

  private final long bytesPerSecond;
  private long paidAt = System.nanoTime();

  /**
   * Makes it.
   *
   * @param bytesPerSecond from 256 KiB on
   */
  public TransferRate(long bytesPerSecond) {
    if (bytesPerSecond < SLOWEST) {
      throw new IllegalArgumentException(
          "%d bytes per second are too few".formatted(bytesPerSecond));
    }
    this.bytesPerSecond = bytesPerSecond;
  }

  /**
   * Reads a rate such as {@code 50Mi}.
   *
   * @return bytes per second
   * @throws IllegalArgumentException if it is none, or below 256 KiB
   */
  public static long parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (matcher.matches()) {
      String unit = matcher.group(2) == null ? "" : matcher.group(2);
      long factor =
          switch (unit) {
            case "k" -> 1_000;
            case "M" -> 1_000_000;
            case "G" -> 1_000_000_000;
            case "Ki" -> 1 << 10;
            case "Mi" -> 1 << 20;
            case "Gi" -> 1 << 30;
            default -> 1;
          };
      long rate = Math.multiplyExact(Long.parseLong(matcher.group(1)), factor);
      if (rate >= SLOWEST) {
        return rate;
      }
    }
    throw new IllegalArgumentException(
        "'%s' is no number of bytes per second from 256Ki on, such as 50Mi".formatted(text));
  }

  /**
   * Waits until some more bytes may be transferred.
   *
   * @param bytes how many
   * @throws StoreException of kind {@code INTERRUPTED} if the thread is interrupted meanwhile
   */
  void await(long bytes) throws StoreException {
    long wait = reserve(bytes);
    if (wait <= 0) {
      return;
    }
    try {
      TimeUnit.NANOSECONDS.sleep(wait);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          Kind.INTERRUPTED, "the transfer was given up while it waited for its turn", e);
    }
  }

  private synchronized long reserve(long bytes) {
    long now = System.nanoTime();
    // What wasn't used up while nobody transferred is lost, so that there is never a burst.
    long begin = paidAt - now > 0 ? paidAt : now;
    paidAt = begin + (long) ((double) bytes / bytesPerSecond * 1e9);
    return begin - now;
  }
}
