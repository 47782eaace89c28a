package dev.howdah.plugins.configuration;

import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A time of the week in which instances may be restarted: {@code Sat,Sun 02:00-04:00
 * Europe/Berlin}, {@code daily 23:30-01:00}. Without a zone it is UTC. One that ends before it
 * begins ends on the next day.
 *
 * @param days the days on which it begins
 * @param from when it begins
 * @param to when it ends
 * @param zone the zone of these times
 */
record MaintenanceWindow(Set<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {

  private static final Pattern SYNTAX =
      Pattern.compile("(\\S+)\\s+(\\d{2}:\\d{2})-(\\d{2}:\\d{2})(?:\\s+(\\S+))?");

  /**
   * Reads a window.
   *
   * @throws IllegalArgumentException if the text isn't one; the message says what it looks like
   */
  static MaintenanceWindow parse(String text) {
    Matcher matcher = SYNTAX.matcher(text.strip());
    if (!matcher.matches()) {
      throw malformed(text);
    }
    try {
      LocalTime from = LocalTime.parse(matcher.group(2));
      LocalTime to = LocalTime.parse(matcher.group(3));
      ZoneId zone = matcher.group(4) == null ? ZoneOffset.UTC : ZoneId.of(matcher.group(4));
      return new MaintenanceWindow(days(matcher.group(1), text), from, to, zone);
    } catch (DateTimeException e) {
      throw malformed(text);
    }
  }

  private static Set<DayOfWeek> days(String list, String text) {
    if (list.equalsIgnoreCase("daily")) {
      return EnumSet.allOf(DayOfWeek.class);
    }
    EnumSet<DayOfWeek> days = EnumSet.noneOf(DayOfWeek.class);
    for (String name : List.of(list.split(","))) {
      String wanted = name.toUpperCase(Locale.ROOT);
      days.add(
          EnumSet.allOf(DayOfWeek.class).stream()
              .filter(day -> wanted.length() >= 3 && day.name().startsWith(wanted))
              .findFirst()
              .orElseThrow(() -> malformed(text)));
    }
    return days;
  }

  private static IllegalArgumentException malformed(String text) {
    return new IllegalArgumentException(
        "'%s' is not a maintenance window such as 'Sat,Sun 02:00-04:00 Europe/Berlin' or 'daily 23:30-01:00'."
            .formatted(text));
  }

  /** Whether a moment lies in it. */
  boolean contains(Instant moment) {
    ZonedDateTime local = moment.atZone(zone);
    LocalTime time = local.toLocalTime();
    if (from.isBefore(to)) {
      return days.contains(local.getDayOfWeek()) && !time.isBefore(from) && time.isBefore(to);
    }
    boolean begun = days.contains(local.getDayOfWeek()) && !time.isBefore(from);
    boolean stillOpen = days.contains(local.getDayOfWeek().minus(1)) && time.isBefore(to);
    return begun || stillOpen;
  }
}
