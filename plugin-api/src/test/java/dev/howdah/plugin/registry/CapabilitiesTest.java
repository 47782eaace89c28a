package dev.howdah.plugin.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.lifecycle.ObjectType;
import dev.howdah.plugin.postgres.ParameterLayer;
import dev.howdah.plugin.reconcile.Reconcile;
import dev.howdah.plugin.registry.Capabilities.ReconcilerKind;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.plugin.wal.WalStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is declared follows from what was registered, and from nothing else. */
class CapabilitiesTest {

  static Stream<Arguments> table() {
    return Stream.of(
        row("nothing", it -> {}, "", "", ""),
        row("readiness", it -> it.readiness(() -> null), "", "", ""),
        row(
            "validateCreate",
            it -> it.validateCreate(c -> List.of()),
            "OPERATOR_SERVICE",
            "OPERATOR_SERVICE",
            ""),
        row(
            "status",
            it -> it.status(c -> Optional.empty()),
            "OPERATOR_SERVICE",
            "OPERATOR_SERVICE",
            ""),
        row("deregister", it -> it.deregister(c -> {}), "OPERATOR_SERVICE", "OPERATOR_SERVICE", ""),
        row(
            "lifecycle",
            it -> it.onCreate(Pod.class, (pod, c) -> pod),
            "LIFECYCLE_SERVICE",
            "LIFECYCLE_SERVICE",
            ""),
        row(
            "observer",
            it ->
                it.observe(
                    ObjectType.of(Pod.class), Set.of(LifecycleOperation.DELETE), (pod, c) -> {}),
            "LIFECYCLE_SERVICE",
            "LIFECYCLE_SERVICE",
            ""),
        row(
            "pre",
            it -> it.preReconcileCluster(c -> Reconcile.proceed()),
            "RECONCILER_HOOKS",
            "RECONCILER_HOOKS",
            ""),
        row(
            "desired",
            it -> it.desiredParameters(ParameterLayer.POLICY, c -> Map.of()),
            "RECONCILER_HOOKS",
            "RECONCILER_HOOKS",
            ""),
        row(
            "observeReconcile",
            it -> it.observeReconcile((s, b, c) -> {}),
            "RECONCILER_HOOKS",
            "RECONCILER_HOOKS",
            ""),
        row(
            "wal",
            it -> it.walStatus(c -> new WalStatus("", "", Map.of())),
            "WAL_SERVICE,LIFECYCLE_SERVICE",
            "LIFECYCLE_SERVICE",
            "WAL_SERVICE"),
        row(
            "backup",
            it -> it.backup((r, c) -> null),
            "BACKUP_SERVICE,LIFECYCLE_SERVICE",
            "LIFECYCLE_SERVICE",
            "BACKUP_SERVICE"),
        row(
            "restore",
            it -> it.restore((r, c) -> null),
            "RESTORE_JOB,LIFECYCLE_SERVICE",
            "LIFECYCLE_SERVICE",
            "RESTORE_JOB"),
        row(
            "enrich",
            it -> it.enrichConfiguration(1, (m, o, c) -> m),
            "POSTGRES,LIFECYCLE_SERVICE,INSTANCE_SIDECAR_INJECTION,INSTANCE_JOB_SIDECAR_INJECTION",
            "LIFECYCLE_SERVICE,INSTANCE_SIDECAR_INJECTION,INSTANCE_JOB_SIDECAR_INJECTION",
            "POSTGRES,INSTANCE_SIDECAR_INJECTION,INSTANCE_JOB_SIDECAR_INJECTION"),
        row(
            "metrics",
            it -> it.metrics(c -> List.of(), c -> List.of()),
            "METRICS,LIFECYCLE_SERVICE,INSTANCE_SIDECAR_INJECTION",
            "LIFECYCLE_SERVICE,INSTANCE_SIDECAR_INJECTION",
            "METRICS,INSTANCE_SIDECAR_INJECTION"));
  }

  private static Arguments row(
      String what, Consumer<Hooks> hooks, String all, String operator, String instance) {
    return Arguments.of(what, hooks, services(all), services(operator), services(instance));
  }

  private static Set<ServiceCapability> services(String names) {
    Set<ServiceCapability> services = EnumSet.noneOf(ServiceCapability.class);
    Stream.of(names.split(","))
        .filter(name -> !name.isEmpty())
        .map(ServiceCapability::valueOf)
        .forEach(services::add);
    return services;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("table")
  void servicesFollowFromHooksAndSide(
      String what,
      Consumer<Hooks> hooks,
      Set<ServiceCapability> all,
      Set<ServiceCapability> operator,
      Set<ServiceCapability> instance) {
    RegisteredHooks registered = collect(hooks);

    assertThat(Capabilities.derive(registered, Side.ALL).services()).isEqualTo(all);
    assertThat(Capabilities.derive(registered, Side.OPERATOR).services()).isEqualTo(operator);
    assertThat(Capabilities.derive(registered, Side.INSTANCE).services()).isEqualTo(instance);
  }

  @Test
  void whoWorksInsideTheInstanceTakesPartInPodsAndJobsOnceForEachKind() {
    Capabilities capabilities =
        Capabilities.derive(
            collect(
                hooks -> {
                  hooks.backup((request, context) -> null);
                  hooks.onPatch(Pod.class, (pod, context) -> pod);
                }),
            Side.ALL);

    assertThat(capabilities.lifecycle())
        .containsExactly(
            new LifecycleCapability(
                "",
                "Pod",
                Set.of(
                    LifecycleOperation.CREATE,
                    LifecycleOperation.EVALUATE,
                    LifecycleOperation.PATCH)),
            new LifecycleCapability("batch", "Job", Set.of(LifecycleOperation.CREATE)));
  }

  @Test
  void aHookOfTheBackupsLoopDeclaresBackupsOnly() {
    assertThat(
            Capabilities.derive(
                    collect(hooks -> hooks.preReconcileBackup((b, c) -> Reconcile.proceed())),
                    Side.ALL)
                .reconciler())
        .containsExactly(ReconcilerKind.BACKUP);
  }

  @Test
  void aHookCanBeRegisteredOnceOnly() {
    assertThatThrownBy(
            () ->
                collect(
                    hooks -> {
                      hooks.status(context -> Optional.empty());
                      hooks.status(context -> Optional.empty());
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'status'");
    assertThatThrownBy(
            () ->
                collect(
                    hooks -> {
                      hooks.enrichConfiguration(2, (m, o, c) -> m);
                      hooks.enrichConfiguration(2, (m, o, c) -> m);
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("Revision 2");
  }

  @Test
  void whatCantWorkIsRefusedWhenItIsRegistered() {
    assertThatThrownBy(
            () ->
                collect(
                    hooks ->
                        hooks.on(
                            ObjectType.of(Service.class),
                            Set.of(LifecycleOperation.EVALUATE),
                            (service, context) -> service)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Pods only");
    assertThatThrownBy(
            () ->
                collect(
                    hooks ->
                        hooks.on(
                            ObjectType.generic("postgresql.cnpg.io", "Cluster"),
                            Set.of(LifecycleOperation.PATCH),
                            (cluster, context) -> cluster)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("observe it instead");
    assertThatThrownBy(
            () -> collect(hooks -> hooks.on(ObjectType.of(Pod.class), Set.of(), (pod, c) -> pod)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> collect(hooks -> hooks.enrichConfiguration(0, (m, o, c) -> m)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static RegisteredHooks collect(Consumer<Hooks> hooks) {
    return HookRegistry.collect(
        new Plugin() {
          @Override
          public PluginMetadata metadata() {
            return PluginMetadata.of("a.example.com", "1").description("Tests.").build();
          }

          @Override
          public void register(Hooks target) {
            hooks.accept(target);
          }
        });
  }
}
