package dev.howdah.plugin.lifecycle;

import dev.howdah.plugin.HookContext;

/** What surrounds one call of a lifecycle hook. */
public interface LifecycleContext extends HookContext {

  /** What the operator is about to do. */
  LifecycleOperation operation();
}
