package dev.howdah.plugins.objectstore.layout;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where a timeline comes from, as its history file says it.
 *
 * @param timeline the timeline
 * @param ancestors the timelines before it, oldest first
 */
public record TimelineHistory(int timeline, List<Ancestor> ancestors) {

  /** Copies the list. */
  public TimelineHistory {
    ancestors = List.copyOf(ancestors);
  }

  /**
   * A timeline that was left.
   *
   * @param timeline the timeline
   * @param end where it was left
   */
  public record Ancestor(int timeline, Lsn end) {}

  /** The history of a timeline that has none, such as the first. */
  public static TimelineHistory first(int timeline) {
    return new TimelineHistory(timeline, List.of());
  }

  /**
   * Reads a history file.
   *
   * @throws IllegalArgumentException if a line is neither empty, nor a comment, nor a timeline and
   *     an LSN
   */
  public static TimelineHistory parse(int timeline, byte[] file) {
    List<Ancestor> ancestors = new ArrayList<>();
    for (String line : new String(file, StandardCharsets.UTF_8).split("\n", -1)) {
      String content = line.strip();
      if (content.isEmpty() || content.startsWith("#")) {
        continue;
      }
      String[] words = content.split("\\s+", 3);
      try {
        ancestors.add(new Ancestor(Integer.parseInt(words[0]), Lsn.parse(words[1])));
      } catch (NumberFormatException | ArrayIndexOutOfBoundsException e) {
        throw new IllegalArgumentException(
            "the history of timeline %d has the line '%s'".formatted(timeline, content), e);
      }
    }
    return new TimelineHistory(timeline, ancestors);
  }

  /**
   * Whether a position of another timeline lies on the way to this one.
   *
   * @param other the timeline that the position is of
   * @param lsn the position
   */
  public boolean passesThrough(int other, Lsn lsn) {
    if (other == timeline) {
      return true;
    }
    Optional<Ancestor> ancestor =
        ancestors.stream().filter(candidate -> candidate.timeline() == other).findFirst();
    return ancestor.isPresent() && lsn.compareTo(ancestor.get().end()) <= 0;
  }
}
