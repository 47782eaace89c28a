package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.layout.Lsn;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.time.temporal.TemporalAccessor;
import java.util.Optional;

/**
 * Where a recovery shall end, as far as the choice of the backup depends on it.
 *
 * @param backupId the backup to take, if it is said
 * @param timeline the timeline to end on, if it is said
 * @param until the point to end at
 */
public record RecoveryTarget(Optional<String> backupId, Optional<Timeline> timeline, Until until) {

  /** As far as the archive goes, on its newest timeline. */
  public static final RecoveryTarget LATEST =
      new RecoveryTarget(Optional.empty(), Optional.empty(), new Until.EndOfArchive());

  /** A timeline. */
  public sealed interface Timeline {
    /** That of the backup. */
    record OfBackup() implements Timeline {}

    /** One by its number. */
    record Numbered(int number) implements Timeline {}
  }

  /** A point. */
  public sealed interface Until {
    /** The last WAL. */
    record EndOfArchive() implements Until {}

    /** A time. */
    record Time(Instant time) implements Until {}

    /** A position. */
    record Position(Lsn lsn) implements Until {}

    /** The first at which the backup is consistent. */
    record Consistency() implements Until {}

    /** A point that stands in the WAL as a record, and nowhere else. */
    sealed interface Recorded extends Until {
      /** What it is, for messages. */
      String what();
    }

    /**
     * The end of a transaction, committed or rolled back.
     *
     * @param id its 32-bit id
     */
    record Transaction(long id) implements Recorded {
      @Override
      public String what() {
        return "end of transaction " + id;
      }
    }

    /**
     * A restore point.
     *
     * @param name as it was given to {@code pg_create_restore_point}
     */
    record RestorePoint(String name) implements Recorded {
      @Override
      public String what() {
        return "restore point '%s'".formatted(name);
      }
    }
  }

  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .append(DateTimeFormatter.ISO_LOCAL_DATE)
          .appendPattern("['T'][' ']HH:mm[:ss]")
          .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
          .optionalStart()
          .appendLiteral(' ')
          .optionalEnd()
          .optionalStart()
          .appendOffset("+HH:mm", "Z")
          .optionalEnd()
          .toFormatter();

  /**
   * Reads a time: as PostgreSQL writes it or as RFC 3339 does, in UTC if it names no zone.
   *
   * @throws PluginException of kind {@code INVALID} if it is neither
   */
  public static Instant parseTime(String text) {
    try {
      TemporalAccessor parsed =
          TIME.parseBest(withWholeOffset(text), OffsetDateTime::from, LocalDateTime::from);
      return parsed instanceof OffsetDateTime zoned
          ? zoned.toInstant()
          : LocalDateTime.from(parsed).toInstant(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      throw new PluginException(
          PluginException.Kind.INVALID,
          "targetTime '%s' is not a time such as '2026-01-31 12:00:00+01' or '2026-01-31T11:00:00Z'"
              .formatted(text),
          e);
    }
  }

  // PostgreSQL writes zones as +05, +0530 and +05:30.
  private static String withWholeOffset(String text) {
    return text.strip()
        .replaceFirst("(?i) *(utc|gmt)$", "Z")
        .replaceFirst("(:[0-9.]+) ?([+-][0-9]{2})([0-9]{2})$", "$1$2:$3")
        .replaceFirst("(:[0-9.]+) ?([+-][0-9]{2})$", "$1$2:00");
  }

  /**
   * Reads the id of a transaction. Of one with an epoch, as {@code pg_current_xact_id} gives it,
   * the WAL knows the lower 32 bits only, as PostgreSQL does when it recovers.
   *
   * @throws PluginException of kind {@code INVALID} if it isn't one
   */
  public static Until.Transaction parseTransaction(String text) {
    try {
      return new Until.Transaction(Long.parseUnsignedLong(text.strip()) & 0xFFFF_FFFFL);
    } catch (NumberFormatException e) {
      throw new PluginException(
          PluginException.Kind.INVALID,
          "targetXID '%s' is not the number of a transaction".formatted(text),
          e);
    }
  }

  /**
   * Reads a timeline: {@code latest} or nothing for the newest, {@code current} for the backup's,
   * or a number.
   *
   * @throws PluginException of kind {@code INVALID} if it is something else
   */
  public static Optional<Timeline> parseTimeline(String text) {
    return switch (text) {
      case "", "latest" -> Optional.empty();
      case "current" -> Optional.of(new Timeline.OfBackup());
      default -> {
        try {
          yield Optional.of(new Timeline.Numbered(Integer.decode(text)));
        } catch (NumberFormatException e) {
          throw new PluginException(
              PluginException.Kind.INVALID,
              "targetTLI '%s' is neither 'latest' nor 'current' nor a number".formatted(text),
              e);
        }
      }
    };
  }
}
