package dev.howdah.plugins.objectstore.layout;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A position in the WAL.
 *
 * @param value the position in bytes; unsigned
 */
public record Lsn(long value) implements Comparable<Lsn> {

  private static final Pattern TEXT = Pattern.compile("([0-9A-Fa-f]{1,8})/([0-9A-Fa-f]{1,8})");

  /**
   * Reads {@code X/X}.
   *
   * @throws IllegalArgumentException if it doesn't look like that
   */
  public static Lsn parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'%s' is not an LSN such as 0/3000028.".formatted(text));
    }
    return new Lsn(
        Long.parseLong(matcher.group(1), 16) << 32 | Long.parseLong(matcher.group(2), 16));
  }

  /** How far into its segment the position is, in bytes. */
  public long offset(long segmentSize) {
    return Long.remainderUnsigned(value, segmentSize);
  }

  @Override
  public int compareTo(Lsn other) {
    return Long.compareUnsigned(value, other.value);
  }

  @Override
  public String toString() {
    return "%X/%X".formatted(value >>> 32, value & 0xffffffffL);
  }
}
