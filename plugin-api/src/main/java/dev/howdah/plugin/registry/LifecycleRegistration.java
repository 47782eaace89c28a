package dev.howdah.plugin.registry;

import dev.howdah.plugin.lifecycle.LifecycleHook;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.lifecycle.ObjectType;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.Set;

/** A lifecycle hook with what it was registered for. */
public record LifecycleRegistration<T extends HasMetadata>(
    ObjectType<T> type, Set<LifecycleOperation> operations, LifecycleHook<T> hook) {

  /** Copies the set. */
  public LifecycleRegistration {
    operations = Set.copyOf(operations);
  }
}
