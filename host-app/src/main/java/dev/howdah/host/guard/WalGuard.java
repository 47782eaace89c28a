package dev.howdah.host.guard;

import dev.howdah.plugin.wal.WalStatus;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Lets archive states through whose WAL names are WAL names and in order. */
public final class WalGuard {

  private static final Pattern SEGMENT = Pattern.compile("[0-9A-Fa-f]{24}");

  /**
   * Checks a state.
   *
   * @param plugin name of the plugin
   * @param status what its hook returned
   * @return the state
   * @throws GuardViolation if there is none, only one of both names is given, one isn't 24 hex
   *     digits, or the first comes after the last
   */
  public WalStatus check(String plugin, @Nullable WalStatus status) {
    if (status == null) {
      throw new GuardViolation(
          plugin,
          GuardRule.ANSWER_MISSING,
          "its WAL status returned nothing; return empty names for an empty archive.");
    }
    String first = status.firstWal();
    String last = status.lastWal();
    if (first.isEmpty() && last.isEmpty()) {
      return status;
    }
    if (!isSegment(first) || !isSegment(last)) {
      throw broken(
          plugin,
          "the first and the last WAL file must both be named by 24 hex digits, or both be empty.");
    }
    if (first.toUpperCase(Locale.ROOT).compareTo(last.toUpperCase(Locale.ROOT)) > 0) {
      throw broken(plugin, "the first WAL file comes after the last; exchange them.");
    }
    return status;
  }

  static boolean isSegment(String name) {
    return SEGMENT.matcher(name).matches();
  }

  private static GuardViolation broken(String plugin, String problem) {
    return new GuardViolation(plugin, GuardRule.WAL_STATUS, problem);
  }
}
