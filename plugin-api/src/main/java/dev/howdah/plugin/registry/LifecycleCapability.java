package dev.howdah.plugin.registry;

import dev.howdah.plugin.lifecycle.LifecycleOperation;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * The operations on one kind of object that a plugin takes part in; there is one for each kind,
 * since the operator calls a plugin once for every entry that matches.
 *
 * @param group API group; empty for the core group
 * @param kind kind
 * @param operations operations, in their natural order
 */
public record LifecycleCapability(String group, String kind, Set<LifecycleOperation> operations) {

  /** Copies the set. */
  public LifecycleCapability {
    operations = Collections.unmodifiableSet(EnumSet.copyOf(operations));
  }

  LifecycleCapability and(LifecycleCapability other) {
    EnumSet<LifecycleOperation> all = EnumSet.copyOf(operations);
    all.addAll(other.operations);
    return new LifecycleCapability(group, kind, all);
  }
}
