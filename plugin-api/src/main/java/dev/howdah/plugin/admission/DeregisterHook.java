package dev.howdah.plugin.admission;

import dev.howdah.plugin.HookContext;

/**
 * Lets go of a Cluster that no longer uses the plugin, behind {@code Operator.Deregister}. The
 * operator doesn't call it today.
 */
@FunctionalInterface
public interface DeregisterHook {

  /** Releases what the plugin holds for {@link HookContext#cluster()}. Must be idempotent. */
  void deregister(HookContext context);
}
