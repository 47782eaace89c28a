package dev.howdah.host.guard;

import dev.howdah.plugin.backup.BackupResult;
import org.jspecify.annotations.Nullable;

/**
 * Lets backup results through that a Backup's status can hold; what it holds is never corrected.
 */
public final class BackupGuard {

  /**
   * Checks a result.
   *
   * @param plugin name of the plugin
   * @param result what its hook returned
   * @return the result
   * @throws GuardViolation if there is none, it has no times, or WAL names or LSNs are malformed
   */
  public BackupResult check(String plugin, @Nullable BackupResult result) {
    throw new UnsupportedOperationException();
  }
}
