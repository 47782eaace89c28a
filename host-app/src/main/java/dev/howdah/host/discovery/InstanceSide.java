package dev.howdah.host.discovery;

import dev.howdah.plugin.registry.RegisteredHooks;
import java.util.Collections;
import java.util.Optional;

/** Takes away what a plugin does inside the instance. */
final class InstanceSide {

  private InstanceSide() {}

  /** The hooks that are left. */
  static RegisteredHooks without(RegisteredHooks hooks) {
    return new RegisteredHooks(
        hooks.parameters(),
        hooks.validateCreate(),
        hooks.validateChange(),
        hooks.policy(),
        hooks.defaults(),
        hooks.status(),
        hooks.deregister(),
        hooks.preReconcileCluster(),
        hooks.postReconcileCluster(),
        hooks.preReconcileBackup(),
        hooks.postReconcileBackup(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        hooks.readiness(),
        hooks.lifecycle(),
        hooks.observers(),
        Collections.emptySortedMap(),
        hooks.desiredParameters(),
        Optional.empty(),
        hooks.reconcileObservers());
  }
}
