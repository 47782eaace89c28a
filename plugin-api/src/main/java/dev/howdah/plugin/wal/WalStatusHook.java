package dev.howdah.plugin.wal;

import dev.howdah.plugin.HookContext;

/** Says what an archive holds, behind {@code WAL.Status}. The operator doesn't call it today. */
@FunctionalInterface
public interface WalStatusHook {

  /** Looks into the archive of {@link HookContext#cluster()}. */
  WalStatus status(HookContext context);
}
