package dev.howdah.host.guard;

import dev.howdah.plugin.backup.BackupResult;
import java.time.Instant;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Lets backup results through that a Backup's status can hold; what it holds is never corrected.
 */
public final class BackupGuard {

  private static final Pattern LSN = Pattern.compile("[0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8}");

  /**
   * Checks a result.
   *
   * @param plugin name of the plugin
   * @param result what its hook returned
   * @return the result
   * @throws GuardViolation if there is none, it has no times, or WAL names or LSNs are malformed
   */
  public BackupResult check(String plugin, @Nullable BackupResult result) {
    if (result == null) {
      throw new GuardViolation(
          plugin,
          GuardRule.ANSWER_MISSING,
          "its backup returned nothing; return the result, or throw if there is no backup.");
    }
    checkTime(plugin, "start", result.startedAt());
    checkTime(plugin, "end", result.stoppedAt());
    checkWal(plugin, "first", result.beginWal());
    checkWal(plugin, "last", result.endWal());
    checkLsn(plugin, "first", result.beginLsn());
    checkLsn(plugin, "last", result.endLsn());
    return result;
  }

  /** On the wire times are whole seconds, and zero is 1970. */
  private static void checkTime(String plugin, String which, Instant time) {
    if (time.getEpochSecond() <= 0) {
      throw broken(
          plugin, "the %s of its backup is in 1970 or before; give the time.".formatted(which));
    }
  }

  private static void checkWal(String plugin, String which, String wal) {
    if (!wal.isEmpty() && !WalGuard.isSegment(wal)) {
      throw broken(
          plugin,
          "the %s WAL file of its backup is not named by 24 hex digits; leave it empty or give its"
                  .formatted(which)
              + " name.");
    }
  }

  private static void checkLsn(String plugin, String which, String lsn) {
    if (!lsn.isEmpty() && !LSN.matcher(lsn).matches()) {
      throw broken(
          plugin,
          "the %s LSN of its backup is not like 0/2000028; leave it empty or write it so."
              .formatted(which));
    }
  }

  private static GuardViolation broken(String plugin, String problem) {
    return new GuardViolation(plugin, GuardRule.BACKUP_RESULT, problem);
  }
}
