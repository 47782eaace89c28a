package dev.howdah.plugins.objectstore.backup;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What PostgreSQL says when a backup ends.
 *
 * @param end where it ended
 * @param label content of {@code backup_label}, which says where it began
 */
record StoppedBackup(Lsn end, String label) {

  private static final Pattern START =
      Pattern.compile("START WAL LOCATION: ([0-9A-F]+/[0-9A-F]+) \\(file ([0-9A-F]{24})\\)");
  private static final Pattern TIMELINE = Pattern.compile("START TIMELINE: ([0-9]+)");

  /** From where its WAL is needed. */
  Lsn begin() {
    return Lsn.parse(group(START, 1));
  }

  /** The name of the first WAL file that is needed. */
  String beginWal() {
    return group(START, 2);
  }

  /** The timeline that it began on. */
  int timeline() {
    return Integer.parseInt(group(TIMELINE, 1));
  }

  /** The last WAL file that is needed. */
  WalSegment lastWal(long segmentSize) {
    return WalSegment.before(timeline(), end, segmentSize);
  }

  private String group(Pattern pattern, int group) {
    Matcher matcher = pattern.matcher(label);
    if (!matcher.find()) {
      throw new PluginException(
          PluginException.Kind.INTERNAL, "PostgreSQL's backup label has an unknown form");
    }
    return matcher.group(group);
  }
}
