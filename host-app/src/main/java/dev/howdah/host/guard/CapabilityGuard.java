package dev.howdah.host.guard;

import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.plugin.registry.LifecycleCapability;
import java.util.HashSet;
import java.util.Set;

/**
 * Lets capabilities through that the operator survives: each declared service has something to
 * call, nothing is there twice. Derived capabilities always pass; this holds it.
 */
public final class CapabilityGuard {

  /**
   * Checks capabilities.
   *
   * @param plugin name of the plugin
   * @param capabilities what shall be declared
   * @return the capabilities
   * @throws GuardViolation if a service is declared without an RPC, an RPC without its service, a
   *     kind twice, or EVALUATE for anything but Pods
   */
  public Capabilities check(String plugin, Capabilities capabilities) {
    agree(
        plugin,
        capabilities,
        ServiceCapability.OPERATOR_SERVICE,
        !capabilities.operator().isEmpty());
    agree(
        plugin,
        capabilities,
        ServiceCapability.LIFECYCLE_SERVICE,
        !capabilities.lifecycle().isEmpty());
    agree(plugin, capabilities, ServiceCapability.WAL_SERVICE, !capabilities.wal().isEmpty());
    agree(
        plugin,
        capabilities,
        ServiceCapability.RECONCILER_HOOKS,
        !capabilities.reconciler().isEmpty());
    checkSidecar(plugin, capabilities);
    checkLifecycle(plugin, capabilities);
    return capabilities;
  }

  private static void agree(
      String plugin, Capabilities capabilities, ServiceCapability service, boolean callable) {
    boolean declared = capabilities.declares(service);
    if (declared && !callable) {
      throw new GuardViolation(
          plugin,
          GuardRule.CAPABILITY_EMPTY_SERVICE,
          "it declares %s and nothing to call there; register a hook or don't declare it."
              .formatted(service));
    }
    if (!declared && callable) {
      throw new GuardViolation(
          plugin,
          GuardRule.CAPABILITY_UNDECLARED_SERVICE,
          "it has hooks of %s, which it doesn't declare; declare it.".formatted(service));
    }
  }

  /** The instance manager asks for configuration and metrics only where a sidecar is declared. */
  private static void checkSidecar(String plugin, Capabilities capabilities) {
    boolean needed =
        capabilities.declares(ServiceCapability.POSTGRES)
            || capabilities.declares(ServiceCapability.METRICS);
    if (needed && !capabilities.declares(ServiceCapability.INSTANCE_SIDECAR_INJECTION)) {
      throw new GuardViolation(
          plugin,
          GuardRule.CAPABILITY_UNDECLARED_SERVICE,
          "it declares POSTGRES or METRICS without %s, so it would never be asked; declare it."
              .formatted(ServiceCapability.INSTANCE_SIDECAR_INJECTION));
    }
  }

  private static void checkLifecycle(String plugin, Capabilities capabilities) {
    Set<String> kinds = new HashSet<>();
    for (LifecycleCapability entry : capabilities.lifecycle()) {
      String kind = entry.group().isEmpty() ? entry.kind() : entry.kind() + "." + entry.group();
      if (!kinds.add(kind)) {
        throw new GuardViolation(
            plugin,
            GuardRule.CAPABILITY_DUPLICATE,
            "it declares %s twice, so its hook would be called twice; merge the entries."
                .formatted(kind));
      }
      if (entry.operations().isEmpty()) {
        throw new GuardViolation(
            plugin,
            GuardRule.CAPABILITY_EMPTY_SERVICE,
            "it declares %s without an operation; leave it out.".formatted(kind));
      }
      if (entry.operations().contains(LifecycleOperation.EVALUATE) && !kind.equals("Pod")) {
        throw new GuardViolation(
            plugin,
            GuardRule.CAPABILITY_EVALUATE,
            "it declares EVALUATE for %s; the operator evaluates Pods only.".formatted(kind));
      }
    }
  }
}
