package dev.howdah.plugin.backup;

import dev.howdah.plugin.HookContext;

/** Makes a base backup, behind {@code Backup.Backup}; called inside the instance's Pod. */
@FunctionalInterface
public interface BackupHook {

  /**
   * Makes the backup and returns when it can be restored. May take hours: the caller sets no limit.
   *
   * @throws dev.howdah.plugin.PluginException if there is no backup; the Backup then fails with the
   *     message, and isn't tried again
   */
  BackupResult backup(BackupRequest request, HookContext context);
}
