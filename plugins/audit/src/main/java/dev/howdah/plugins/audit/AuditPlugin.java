package dev.howdah.plugins.audit;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Maturity;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.audit.AuditPublisher;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.lifecycle.ObjectType;
import dev.howdah.plugin.postgres.DesiredParametersHook;
import dev.howdah.plugin.postgres.ParameterLayer;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts into the host's audit trail what the operator is about to create, patch and delete for a
 * Cluster, its backups, and changes of its definition; and sets pgaudit up if the Cluster asks.
 *
 * <p>Objects are observed, never changed, and no answer waits for it. What is seen is an intention:
 * the operator calls before it writes, so records are marked as intended. An object that comes
 * again unchanged, as Leases do in every loop, is published once.
 */
public final class AuditPlugin implements Plugin {

  private static final Set<LifecycleOperation> CREATE = EnumSet.of(LifecycleOperation.CREATE);

  private static final DesiredParametersHook PGAUDIT =
      new DesiredParametersHook() {
        @Override
        public Map<String, String> desired(HookContext context) {
          return preset(context).parameters();
        }

        @Override
        public Map<String, String> rules(HookContext context) {
          return preset(context).rules();
        }

        private PgauditPreset preset(HookContext context) {
          return context.parameters(AuditParameters.class).preset();
        }
      };

  private final ObjectObserver objects;
  private final LoopObserver loops;

  /**
   * Made by the host.
   *
   * @param publisher the way into the trail
   */
  public AuditPlugin(AuditPublisher publisher) {
    this.objects = new ObjectObserver(publisher);
    this.loops = new LoopObserver(publisher);
  }

  @Override
  public PluginMetadata metadata() {
    return PluginMetadata.of(AuditPlugin.class)
        .displayName("Howdah Audit")
        .description(
            "Records what the operator is about to do for a Cluster in a tamper-evident trail, and"
                + " sets pgaudit up.")
        .vendor("Howdah")
        .maturity(Maturity.ALPHA)
        .build();
  }

  @Override
  public void register(Hooks hooks) {
    hooks.parameters(AuditParameters.class);
    observeObjects(hooks);
    hooks.observeReconcile(loops);
    hooks.status(AuditPlugin::status);
    hooks.desiredParameters(ParameterLayer.LOGGING, PGAUDIT);
  }

  /** The kinds that the operator sends, each with the operations it sends them for. */
  private void observeObjects(Hooks hooks) {
    observe(hooks, ObjectType.of(Pod.class), createPlus(LifecycleOperation.PATCH, true));
    observe(hooks, ObjectType.of(Job.class), createPlus(null, true));
    observe(
        hooks,
        ObjectType.of(PersistentVolumeClaim.class),
        createPlus(LifecycleOperation.PATCH, true));
    observe(hooks, ObjectType.of(Service.class), createPlus(LifecycleOperation.UPDATE, true));
    observe(
        hooks,
        ObjectType.of(Secret.class),
        EnumSet.of(
            LifecycleOperation.CREATE,
            LifecycleOperation.PATCH,
            LifecycleOperation.UPDATE,
            LifecycleOperation.DELETE));
    observe(hooks, ObjectType.of(ConfigMap.class), createPlus(LifecycleOperation.PATCH, false));
    observe(
        hooks, ObjectType.of(ServiceAccount.class), createPlus(LifecycleOperation.PATCH, false));
    observe(hooks, ObjectType.of(Role.class), createPlus(LifecycleOperation.PATCH, false));
    observe(hooks, ObjectType.of(RoleBinding.class), CREATE);
    observe(
        hooks,
        ObjectType.of(PodDisruptionBudget.class),
        createPlus(LifecycleOperation.PATCH, true));
    observe(hooks, ObjectType.of(Lease.class), createPlus(LifecycleOperation.UPDATE, false));
    observe(
        hooks,
        ObjectType.generic("postgresql.cnpg.io", "Cluster"),
        EnumSet.of(LifecycleOperation.PATCH));
    observe(
        hooks, ObjectType.generic("postgresql.cnpg.io", "FailoverQuorum"), createPlus(null, true));
    observe(
        hooks,
        ObjectType.generic("monitoring.coreos.com", "PodMonitor"),
        EnumSet.of(LifecycleOperation.PATCH, LifecycleOperation.DELETE));
  }

  private <T extends HasMetadata> void observe(
      Hooks hooks, ObjectType<T> type, Set<LifecycleOperation> operations) {
    hooks.observe(type, operations, (object, context) -> objects.observed(type, object, context));
  }

  private static Set<LifecycleOperation> createPlus(
      @Nullable LifecycleOperation change, boolean delete) {
    Set<LifecycleOperation> operations = EnumSet.of(LifecycleOperation.CREATE);
    if (change != null) {
      operations.add(change);
    }
    if (delete) {
      operations.add(LifecycleOperation.DELETE);
    }
    return operations;
  }

  private static Optional<?> status(HookContext context) {
    return Optional.of(Map.of("revision", DefinitionRevision.of(context.cluster())));
  }
}
