package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugins.objectstore.archive.Progress;
import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One line on a terminal that says how far something long has come, drawn over and over, and gone
 * at the end. Thread-safe.
 */
final class ProgressLine implements Progress, AutoCloseable {

  private static final int WIDTH = 30;
  private static final long PAUSE_NANOS = Duration.ofMillis(200).toNanos();
  private static final long KIBI = 1 << 10;

  private final PrintWriter out;
  private final String verb;
  private final boolean bytes;
  private final long began = System.nanoTime();
  private final AtomicLong done = new AtomicLong();
  private volatile long expected;
  private long drawn = began - PAUSE_NANOS;
  private int length;

  /**
   * Begins a line.
   *
   * @param out the terminal
   * @param verb what is done, such as {@code restoring}
   * @param bytes whether it is bytes that are counted
   */
  ProgressLine(PrintWriter out, String verb, boolean bytes) {
    this.out = out;
    this.verb = verb;
    this.bytes = bytes;
  }

  /** Whether somebody looks at a terminal. */
  static boolean wanted() {
    Console console = System.console();
    return console != null && console.isTerminal();
  }

  @Override
  public void expect(long amount) {
    expected = amount;
    draw(true);
  }

  @Override
  public void advance(long amount) {
    long now = done.addAndGet(amount);
    draw(now == expected);
  }

  private synchronized void draw(boolean now) {
    long time = System.nanoTime();
    if (!now && time - drawn < PAUSE_NANOS) {
      return;
    }
    drawn = time;
    replace(text(Math.min(done.get(), expected), (time - began) / 1e9));
  }

  private String text(long sofar, double seconds) {
    double share = expected == 0 ? 1 : (double) sofar / expected;
    int filled = (int) (share * WIDTH);
    return "%s [%s%s] %3d%%  %s of %s%s"
        .formatted(
            verb,
            "=".repeat(filled),
            " ".repeat(WIDTH - filled),
            (int) (share * 100),
            amount(sofar),
            amount(expected),
            bytes && seconds >= 1 ? "  " + amount((long) (sofar / seconds)) + "/s" : "");
  }

  private String amount(long value) {
    if (!bytes || value < KIBI) {
      return String.valueOf(value);
    }
    double scaled = value;
    int unit = -1;
    while (scaled >= KIBI) {
      scaled /= KIBI;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %siB", scaled, "KMGTP".charAt(unit));
  }

  // What was longer before must not show behind what is shorter now.
  private void replace(String text) {
    out.print("\r" + text + " ".repeat(Math.max(0, length - text.length())));
    out.flush();
    length = text.length();
  }

  /** Takes the line away. */
  @Override
  public synchronized void close() {
    if (length > 0) {
      replace("");
      out.print("\r");
      out.flush();
      length = 0;
    }
  }
}
