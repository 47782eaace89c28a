package dev.howdah.plugin.lifecycle;

import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * Changes an object that the operator is about to write, behind {@code
 * OperatorLifecycle.LifecycleHook}.
 *
 * <p>Must be deterministic (a function of the Cluster and the object alone) and idempotent (applied
 * to its own answer it changes nothing): objects come again after other plugins, and after the hook
 * itself, have changed them.
 *
 * @param <T> the model of the object
 */
@FunctionalInterface
public interface LifecycleHook<T extends HasMetadata> {

  /**
   * Says how the object should be. The host makes the JSON patch from it.
   *
   * @param object the object as it is; the hook's own copy, so changing it in place is fine
   * @return the object as it should be
   */
  T apply(T object, LifecycleContext context);
}
