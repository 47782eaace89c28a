package dev.howdah.plugins.objectstore.retention;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long backups are kept.
 *
 * @param window every point in time of this long past must be recoverable
 * @param minimumRedundancy how many backups that can be restored are kept even if the window needs
 *     fewer; at least 1
 * @param counting which of them count as such
 */
public record RetentionPolicy(Duration window, int minimumRedundancy, Counting counting) {

  /** Which backups count towards the minimum redundancy. */
  public enum Counting {
    /** Those that a verification has found sound. */
    VERIFIED,
    /** All whose archives and WAL are there, as far as that can be told without reading them. */
    WHOLE
  }

  private static final Pattern TEXT = Pattern.compile("([1-9][0-9]{0,5})([dwm])");
  private static final int DAYS_OF_WEEK = 7;
  // As Barman counts months.
  private static final int DAYS_OF_MONTH = 31;

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException if the window is negative or no backup would be left
   */
  public RetentionPolicy {
    if (window.isNegative() || minimumRedundancy < 1) {
      throw new IllegalArgumentException(
          "A retention policy must keep at least one backup and can't look into the future.");
    }
  }

  /**
   * Reads a window such as {@code 30d}, {@code 4w} or {@code 12m}.
   *
   * @throws IllegalArgumentException if it isn't one
   */
  public static RetentionPolicy parse(String window, int minimumRedundancy, Counting counting) {
    Matcher matcher = TEXT.matcher(window);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not a number of days, weeks or months such as 30d.".formatted(window));
    }
    long days =
        switch (matcher.group(2)) {
          case "w" -> DAYS_OF_WEEK;
          case "m" -> DAYS_OF_MONTH;
          default -> 1;
        };
    return new RetentionPolicy(
        Duration.ofDays(Long.parseLong(matcher.group(1)) * days), minimumRedundancy, counting);
  }
}
