package dev.howdah.sanity.check;

import com.google.errorprone.annotations.FormatMethod;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects what a check found wrong; not safe for several threads. */
public final class Findings {
  private final List<String> texts = new ArrayList<>();

  /**
   * Writes one thing down.
   *
   * @param format as for {@link String#format}
   * @param arguments what goes into it
   */
  @FormatMethod
  public void add(String format, @Nullable Object... arguments) {
    texts.add(String.format(format, arguments));
  }

  /**
   * Writes one thing down unless the condition holds.
   *
   * @param condition what should be so
   * @param format as for {@link String#format}
   * @param arguments what goes into it
   */
  @FormatMethod
  public void unless(boolean condition, String format, @Nullable Object... arguments) {
    if (!condition) {
      add(format, arguments);
    }
  }

  /** Whether nothing was found so far. */
  public boolean none() {
    return texts.isEmpty();
  }

  /** What was found so far. */
  public List<String> texts() {
    return List.copyOf(texts);
  }
}
