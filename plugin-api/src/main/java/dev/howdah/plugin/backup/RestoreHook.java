package dev.howdah.plugin.backup;

import dev.howdah.plugin.HookContext;

/**
 * Restores a data directory, behind {@code RestoreJobHooks.Restore}; called where the new instance
 * is made.
 */
@FunctionalInterface
public interface RestoreHook {

  /**
   * Fills PGDATA (and the WAL directory) from a base backup. The plugin finds its parameters in
   * {@link dev.howdah.plugin.PluginUse.RecoverySource}.
   *
   * @throws dev.howdah.plugin.PluginException of kind {@code NOT_FOUND} if there is no suitable
   *     backup, else of another kind
   */
  RestoreResult restore(RestoreRequest request, HookContext context);
}
