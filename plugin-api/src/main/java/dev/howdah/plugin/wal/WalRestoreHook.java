package dev.howdah.plugin.wal;

import dev.howdah.plugin.HookContext;

/** Brings WAL back, behind {@code WAL.Restore}: PostgreSQL's {@code restore_command}. */
@FunctionalInterface
public interface WalRestoreHook {

  /**
   * Puts one file where it is wanted, whole or not at all.
   *
   * @throws dev.howdah.plugin.PluginException of kind {@code NOT_FOUND} if the archive doesn't have
   *     it; any other kind if it can't be known. PostgreSQL takes either for the end of the
   *     archive, so what is transient should be retried inside the call.
   */
  void restore(WalRestoreRequest request, HookContext context);
}
