package dev.howdah.testkit;

import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import java.util.Set;
import org.assertj.core.api.AbstractObjectAssert;
import org.assertj.core.api.Assertions;

/** What is to be said about a plugin that was loaded. */
public final class LoadAnswer extends AbstractObjectAssert<LoadAnswer, LoadedPlugin> {

  LoadAnswer(LoadedPlugin actual) {
    super(actual, LoadAnswer.class);
  }

  /** It declares exactly these services, and so is called for nothing else. */
  public LoadAnswer declares(ServiceCapability... services) {
    Assertions.assertThat(actual.services())
        .as("services that the operator calls the plugin for")
        .containsExactlyInAnyOrder(services);
    return this;
  }

  /**
   * It takes part in these operations on a kind of object, and in no others.
   *
   * @param kind such as {@code Pod}
   */
  public LoadAnswer takesPartIn(String kind, LifecycleOperation... operations) {
    Set<LifecycleOperation> declared =
        actual.lifecycle().stream()
            .filter(capability -> capability.kind().equals(kind))
            .findFirst()
            .map(capability -> capability.operations())
            .orElse(Set.of());
    Assertions.assertThat(declared)
        .as("operations on a %s that the operator calls the plugin for", kind)
        .containsExactlyInAnyOrder(operations);
    return this;
  }
}
