package dev.howdah.plugin;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version of this plugin API: {@code major.minor}. A new minor version only adds; a new major
 * version may break.
 *
 * @param major changes when plugins have to be changed
 * @param minor changes when something was added
 */
public record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {

  /** The version that this JAR is. */
  public static final ApiVersion CURRENT = new ApiVersion(1, 0);

  private static final Pattern SYNTAX = Pattern.compile("(\\d{1,6})(?:\\.(\\d{1,6}))?");

  /**
   * Reads {@code major} or {@code major.minor}.
   *
   * @throws IllegalArgumentException if the text is neither
   */
  public static ApiVersion parse(String text) {
    Matcher matcher = SYNTAX.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "'%s' is not an API version such as '1.0'.".formatted(text));
    }
    String minor = matcher.group(2);
    return new ApiVersion(
        Integer.parseInt(matcher.group(1)), minor == null ? 0 : Integer.parseInt(minor));
  }

  @Override
  public int compareTo(ApiVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
