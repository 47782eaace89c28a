package dev.howdah.plugins.objectstore.layout;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.regex.Pattern;

/** Ids of base backups: the second in which they began, in UTC. */
public final class BackupId {

  private static final DateTimeFormatter FORMAT =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss").withZone(ZoneOffset.UTC);
  private static final Pattern ID = Pattern.compile("[0-9]{8}T[0-9]{6}");

  private BackupId() {}

  /** The id of a backup that begins at a time. */
  public static String at(Instant time) {
    return FORMAT.format(time);
  }

  /** Whether a text is an id. */
  public static boolean isOne(String text) {
    return ID.matcher(text).matches();
  }
}
