package dev.howdah.host.guard;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Makes a failure's message fit for the operator, which writes it into the Cluster's {@code
 * status.phaseReason}: a text that varies (times, ids, addresses of objects, stack traces) changes
 * the status with every attempt, and each change starts the next attempt at once.
 */
public final class StableMessage {

  private static final int LONGEST = 500;

  private static final List<Replacement> REPLACEMENTS =
      List.of(
          replace("(?i)\\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\\b", "<id>"),
          replace("(?i)\\b((?:extended )?request[ -]?id ?[:=]) *[^,;)\\s]+", "$1 <id>"),
          replace(
              "\\b\\d{4}-\\d\\d-\\d\\d[T"
                  + " ]\\d\\d:\\d\\d(?::\\d\\d(?:\\.\\d+)?)?(?:Z|[+-]\\d\\d:?\\d\\d)?",
              "<time>"),
          replace("\\b\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d+)?\\b", "<time>"),
          replace("@[0-9a-f]{4,16}\\b", "@<id>"),
          replace("\\b0x[0-9a-fA-F]+\\b", "<address>"),
          replace("\\b(thread|lambda)([-$#])\\d[-\\d$/x0-9a-f]*\\b", "$1$2<id>"),
          replace("\\b(\\d{1,3}(?:\\.\\d{1,3}){3}):\\d{5}\\b", "$1:<port>"),
          replace("\\b\\d+(?:\\.\\d+)? ?(?:ns|µs|us|ms|nanos|micros|millis)\\b", "<duration>"),
          replace("\\b\\d{9,19}\\b", "<number>"));

  private StableMessage() {}

  /**
   * One line of at most 500 characters, with what varies replaced.
   *
   * @param message what a plugin said; empty or absent is fine
   * @param otherwise what to say if it said nothing
   */
  public static String of(@Nullable String message, String otherwise) {
    if (message == null || message.isBlank()) {
      return otherwise;
    }
    String line = message.strip().lines().findFirst().orElse("").strip();
    line = line.length() > 4 * LONGEST ? line.substring(0, 4 * LONGEST) : line;
    line = line.replaceAll("\\p{Cntrl}", " ");
    for (Replacement replacement : REPLACEMENTS) {
      line = replacement.varying().matcher(line).replaceAll(replacement.by());
    }
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST - 1) + "…";
  }

  private static Replacement replace(String varying, String by) {
    return new Replacement(Pattern.compile(varying), by);
  }

  private record Replacement(Pattern varying, String by) {}
}
