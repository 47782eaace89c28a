package dev.howdah.plugin.registry;

import dev.howdah.plugin.lifecycle.LifecycleObserver;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.lifecycle.ObjectType;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Set;

/** An observer with what it was registered for. */
public record ObserverRegistration<T extends HasMetadata>(
    ObjectType<T> type, Set<LifecycleOperation> operations, LifecycleObserver<T> observer) {

  /** Copies the set. */
  public ObserverRegistration {
    operations = Set.copyOf(operations);
  }
}
