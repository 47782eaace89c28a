package dev.howdah.plugin.lifecycle;

import io.fabric8.kubernetes.api.model.HasMetadata;

/**
 * Watches objects that the operator is about to write. It can't change them, and the answer waits
 * for nothing it does: its slowness or failure is counted, no more. The write may still fail
 * afterwards, so what is seen is an intention.
 *
 * @param <T> the model of the object
 */
@FunctionalInterface
public interface LifecycleObserver<T extends HasMetadata> {

  /**
   * Takes note of an object.
   *
   * @param object the object as this plugin got it; the observer's own copy
   */
  void observed(T object, LifecycleContext context);
}
