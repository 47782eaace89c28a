package dev.howdah.host.guard;

import dev.howdah.plugin.registry.Capabilities;

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
    throw new UnsupportedOperationException();
  }
}
