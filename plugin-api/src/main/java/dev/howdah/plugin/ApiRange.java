package dev.howdah.plugin;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The versions of this API that a plugin works with, from one version up to, and without, another.
 *
 * @param from the lowest version that will do
 * @param below the lowest version that won't do any more
 */
public record ApiRange(ApiVersion from, ApiVersion below) {

  private static final Pattern SYNTAX =
      Pattern.compile("\\[\\s*([\\d.]+)\\s*,\\s*([\\d.]+)\\s*\\)");

  /** Checks that the range holds at least one version. */
  public ApiRange {
    if (from.compareTo(below) >= 0) {
      throw new IllegalArgumentException(
          "The API range [%s,%s) holds no version.".formatted(from, below));
    }
  }

  /**
   * Reads a range such as {@code [1.0,2.0)}, or a single version {@code 1.2}, which stands for
   * {@code [1.2,2.0)}.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static ApiRange parse(String text) {
    Matcher matcher = SYNTAX.matcher(text.strip());
    if (matcher.matches()) {
      return new ApiRange(ApiVersion.parse(matcher.group(1)), ApiVersion.parse(matcher.group(2)));
    }
    ApiVersion from;
    try {
      from = ApiVersion.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "'%s' is not an API range such as '[1.0,2.0)'.".formatted(text), e);
    }
    return new ApiRange(from, new ApiVersion(from.major() + 1, 0));
  }

  /** Whether a version lies in the range. */
  public boolean contains(ApiVersion version) {
    return from.compareTo(version) <= 0 && version.compareTo(below) < 0;
  }

  @Override
  public String toString() {
    return "[" + from + "," + below + ")";
  }
}
