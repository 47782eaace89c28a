package dev.howdah.host.guard;

import static dev.howdah.host.guard.GuardAssertions.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.Capabilities.OperatorRpc;
import dev.howdah.plugin.registry.Capabilities.ReconcilerKind;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.plugin.registry.Capabilities.WalRpc;
import dev.howdah.plugin.registry.LifecycleCapability;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CapabilityGuardTest {

  private static final String PLUGIN = "all.example.com";
  private static final LifecycleCapability PODS =
      new LifecycleCapability(
          "", "Pod", EnumSet.of(LifecycleOperation.CREATE, LifecycleOperation.EVALUATE));

  private final CapabilityGuard guard = new CapabilityGuard();

  @Test
  void everythingWithSomethingToCallPasses() {
    Capabilities all =
        new Capabilities(
            EnumSet.allOf(ServiceCapability.class),
            EnumSet.allOf(OperatorRpc.class),
            List.of(PODS),
            EnumSet.allOf(WalRpc.class),
            EnumSet.allOf(ReconcilerKind.class));

    assertThat(guard.check(PLUGIN, all)).isSameAs(all);
    assertThat(guard.check(PLUGIN, declaring(Set.of()))).isNotNull();
  }

  @ParameterizedTest
  @EnumSource(names = {"OPERATOR_SERVICE", "LIFECYCLE_SERVICE", "WAL_SERVICE", "RECONCILER_HOOKS"})
  void aServiceWithNothingToCallIsRefused(ServiceCapability service) {
    assertRefused(
        PLUGIN,
        GuardRule.CAPABILITY_EMPTY_SERVICE,
        () -> guard.check(PLUGIN, declaring(Set.of(service))));
  }

  @Test
  void hooksOfAServiceThatIsNotDeclaredAreRefused() {
    assertRefused(
        PLUGIN,
        GuardRule.CAPABILITY_UNDECLARED_SERVICE,
        () ->
            guard.check(
                PLUGIN,
                new Capabilities(
                    Set.of(), Set.of(), List.of(), Set.of(WalRpc.ARCHIVE_WAL), Set.of())));
  }

  @ParameterizedTest
  @EnumSource(names = {"POSTGRES", "METRICS"})
  void whatIsAskedForOnlyBesideASidecarNeedsOne(ServiceCapability service) {
    assertRefused(
        PLUGIN,
        GuardRule.CAPABILITY_UNDECLARED_SERVICE,
        () -> guard.check(PLUGIN, declaring(Set.of(service))));
  }

  @Test
  void oneKindTwiceIsRefused() {
    assertRefused(
        PLUGIN,
        GuardRule.CAPABILITY_DUPLICATE,
        () ->
            guard.check(
                PLUGIN,
                lifecycle(
                    PODS,
                    new LifecycleCapability("", "Pod", EnumSet.of(LifecycleOperation.PATCH)))));
  }

  @Test
  void evaluatingAnythingButPodsIsRefused() {
    assertRefused(
        PLUGIN,
        GuardRule.CAPABILITY_EVALUATE,
        () ->
            guard.check(
                PLUGIN,
                lifecycle(
                    new LifecycleCapability(
                        "batch", "Job", EnumSet.of(LifecycleOperation.EVALUATE)))));
  }

  private static Capabilities lifecycle(LifecycleCapability... entries) {
    return new Capabilities(
        Set.of(ServiceCapability.LIFECYCLE_SERVICE),
        Set.of(),
        List.of(entries),
        Set.of(),
        Set.of());
  }

  private static Capabilities declaring(Set<ServiceCapability> services) {
    return new Capabilities(services, Set.of(), List.of(), Set.of(), Set.of());
  }
}
