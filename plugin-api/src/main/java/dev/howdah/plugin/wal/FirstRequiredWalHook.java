package dev.howdah.plugin.wal;

import dev.howdah.plugin.HookContext;

/**
 * Learns which WAL is still needed, behind {@code WAL.SetFirstRequired}. The operator doesn't call
 * it today.
 */
@FunctionalInterface
public interface FirstRequiredWalHook {

  /**
   * Takes note that files before this one may go. Nothing at or after it may ever be deleted
   * because of this call.
   *
   * @param walName the first file still needed
   */
  void setFirstRequired(String walName, HookContext context);
}
