package dev.howdah.plugins.objectstore.layout;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The name of a file that PostgreSQL archives. */
public sealed interface WalName {

  /** The name as PostgreSQL gives it, in upper case. */
  String name();

  /** The timeline that it belongs to. */
  int timeline();

  /**
   * The folder below {@code wals/} that it lies in, ending in a slash; empty for history files,
   * which lie directly there.
   */
  String folder();

  /**
   * A whole segment.
   *
   * @param timeline the timeline
   * @param log the higher part of its number
   * @param segment the lower part
   */
  record Segment(int timeline, long log, long segment) implements WalName {
    @Override
    public String name() {
      return "%08X%08X%08X".formatted(timeline, log, segment);
    }

    @Override
    public String folder() {
      return "%08X%08X/".formatted(timeline, log);
    }
  }

  /**
   * The last, incomplete segment of a timeline that was left.
   *
   * @param of the segment
   */
  record Partial(Segment of) implements WalName {
    @Override
    public String name() {
      return of.name() + ".partial";
    }

    @Override
    public int timeline() {
      return of.timeline();
    }

    @Override
    public String folder() {
      return of.folder();
    }
  }

  /**
   * The label of a base backup that began in a segment.
   *
   * @param of the segment
   * @param offset where in it
   */
  record BackupLabel(Segment of, long offset) implements WalName {
    @Override
    public String name() {
      return "%s.%08X.backup".formatted(of.name(), offset);
    }

    @Override
    public int timeline() {
      return of.timeline();
    }

    @Override
    public String folder() {
      return of.folder();
    }
  }

  /**
   * Where a timeline comes from.
   *
   * @param timeline the timeline
   */
  record History(int timeline) implements WalName {
    @Override
    public String name() {
      return "%08X.history".formatted(timeline);
    }

    @Override
    public String folder() {
      return "";
    }
  }

  /** What a name must look like. */
  Pattern GRAMMAR =
      Pattern.compile(
          "([0-9A-Fa-f]{8})(?:([0-9A-Fa-f]{8})([0-9A-Fa-f]{8})(?:\\.([0-9A-Fa-f]{8})\\.backup|(\\.partial))?|\\.history)");

  /** Whether a name is one of these. */
  static boolean isOne(String name) {
    return GRAMMAR.matcher(name).matches();
  }

  /**
   * Reads a name, without the suffix of a codec.
   *
   * @throws IllegalArgumentException if it isn't one of these
   */
  static WalName parse(String name) {
    Matcher matcher = GRAMMAR.matcher(name);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("'%s' is not the name of a WAL file.".formatted(name));
    }
    int timeline = Integer.parseUnsignedInt(matcher.group(1), 16);
    if (matcher.group(2) == null) {
      return new History(timeline);
    }
    Segment segment =
        new Segment(
            timeline, Long.parseLong(matcher.group(2), 16), Long.parseLong(matcher.group(3), 16));
    if (matcher.group(4) != null) {
      return new BackupLabel(segment, Long.parseLong(matcher.group(4), 16));
    }
    return matcher.group(5) != null ? new Partial(segment) : segment;
  }
}
