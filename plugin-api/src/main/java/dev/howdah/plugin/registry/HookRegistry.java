package dev.howdah.plugin.registry;

import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.ReadinessHook;
import dev.howdah.plugin.admission.DefaultsHook;
import dev.howdah.plugin.admission.DeregisterHook;
import dev.howdah.plugin.admission.PolicyHook;
import dev.howdah.plugin.admission.StatusHook;
import dev.howdah.plugin.admission.ValidateChangeHook;
import dev.howdah.plugin.admission.ValidateCreateHook;
import dev.howdah.plugin.backup.BackupHook;
import dev.howdah.plugin.backup.RestoreHook;
import dev.howdah.plugin.lifecycle.LifecycleHook;
import dev.howdah.plugin.lifecycle.LifecycleObserver;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.lifecycle.ObjectType;
import dev.howdah.plugin.metrics.MetricsCollectionHook;
import dev.howdah.plugin.metrics.MetricsDefinitionHook;
import dev.howdah.plugin.postgres.DesiredParametersHook;
import dev.howdah.plugin.postgres.EnrichConfigurationHook;
import dev.howdah.plugin.postgres.ParameterLayer;
import dev.howdah.plugin.reconcile.BackupReconcileHook;
import dev.howdah.plugin.reconcile.ClusterReconcileHook;
import dev.howdah.plugin.reconcile.ReconcileObserver;
import dev.howdah.plugin.wal.FirstRequiredWalHook;
import dev.howdah.plugin.wal.WalArchiveHook;
import dev.howdah.plugin.wal.WalRestoreHook;
import dev.howdah.plugin.wal.WalStatusHook;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Collects what a plugin registers. For one thread; {@link #collect(Plugin)} makes the immutable
 * result.
 */
public final class HookRegistry implements Hooks {

  private @Nullable Class<? extends Record> parameters;
  private @Nullable ValidateCreateHook validateCreate;
  private @Nullable ValidateChangeHook validateChange;
  private @Nullable PolicyHook policy;
  private @Nullable DefaultsHook defaults;
  private @Nullable StatusHook status;
  private @Nullable DeregisterHook deregister;
  private @Nullable ClusterReconcileHook preReconcileCluster;
  private @Nullable ClusterReconcileHook postReconcileCluster;
  private @Nullable BackupReconcileHook preReconcileBackup;
  private @Nullable BackupReconcileHook postReconcileBackup;
  private @Nullable WalArchiveHook archiveWal;
  private @Nullable WalRestoreHook restoreWal;
  private @Nullable WalStatusHook walStatus;
  private @Nullable FirstRequiredWalHook firstRequiredWal;
  private @Nullable BackupHook backup;
  private @Nullable RestoreHook restore;
  private @Nullable ReadinessHook readiness;
  private @Nullable MetricsRegistration metrics;
  private final List<LifecycleRegistration<?>> lifecycle = new ArrayList<>();
  private final List<ObserverRegistration<?>> observers = new ArrayList<>();
  private final SortedMap<Integer, EnrichConfigurationHook> enrichment = new TreeMap<>();
  private final SortedMap<ParameterLayer, DesiredParametersRegistration> desiredParameters =
      new TreeMap<>();
  private final List<ReconcileObserver> reconcileObservers = new ArrayList<>();

  private HookRegistry() {}

  /**
   * Asks a plugin what it does.
   *
   * @param plugin the plugin
   * @return everything it registered
   * @throws IllegalStateException if it registers a hook twice
   * @throws IllegalArgumentException if it registers something that can't work
   */
  public static RegisteredHooks collect(Plugin plugin) {
    HookRegistry registry = new HookRegistry();
    plugin.register(registry);
    return registry.freeze();
  }

  private RegisteredHooks freeze() {
    return new RegisteredHooks(
        Optional.ofNullable(parameters),
        Optional.ofNullable(validateCreate),
        Optional.ofNullable(validateChange),
        Optional.ofNullable(policy),
        Optional.ofNullable(defaults),
        Optional.ofNullable(status),
        Optional.ofNullable(deregister),
        Optional.ofNullable(preReconcileCluster),
        Optional.ofNullable(postReconcileCluster),
        Optional.ofNullable(preReconcileBackup),
        Optional.ofNullable(postReconcileBackup),
        Optional.ofNullable(archiveWal),
        Optional.ofNullable(restoreWal),
        Optional.ofNullable(walStatus),
        Optional.ofNullable(firstRequiredWal),
        Optional.ofNullable(backup),
        Optional.ofNullable(restore),
        Optional.ofNullable(readiness),
        List.copyOf(lifecycle),
        List.copyOf(observers),
        Collections.unmodifiableSortedMap(new TreeMap<>(enrichment)),
        List.copyOf(desiredParameters.values()),
        Optional.ofNullable(metrics),
        List.copyOf(reconcileObservers));
  }

  private static <H> H once(String what, @Nullable H before, H hook) {
    if (before != null) {
      throw new IllegalStateException("The hook '%s' is registered twice.".formatted(what));
    }
    return Objects.requireNonNull(hook, what);
  }

  @Override
  public void parameters(Class<? extends Record> type) {
    parameters = once("parameters", parameters, type);
  }

  @Override
  public void validateCreate(ValidateCreateHook hook) {
    validateCreate = once("validateCreate", validateCreate, hook);
  }

  @Override
  public void validateChange(ValidateChangeHook hook) {
    validateChange = once("validateChange", validateChange, hook);
  }

  @Override
  public void policy(PolicyHook hook) {
    policy = once("policy", policy, hook);
  }

  @Override
  public void defaults(DefaultsHook hook) {
    defaults = once("defaults", defaults, hook);
  }

  @Override
  public void status(StatusHook hook) {
    status = once("status", status, hook);
  }

  @Override
  public void deregister(DeregisterHook hook) {
    deregister = once("deregister", deregister, hook);
  }

  @Override
  public void preReconcileCluster(ClusterReconcileHook hook) {
    preReconcileCluster = once("preReconcileCluster", preReconcileCluster, hook);
  }

  @Override
  public void postReconcileCluster(ClusterReconcileHook hook) {
    postReconcileCluster = once("postReconcileCluster", postReconcileCluster, hook);
  }

  @Override
  public void preReconcileBackup(BackupReconcileHook hook) {
    preReconcileBackup = once("preReconcileBackup", preReconcileBackup, hook);
  }

  @Override
  public void postReconcileBackup(BackupReconcileHook hook) {
    postReconcileBackup = once("postReconcileBackup", postReconcileBackup, hook);
  }

  @Override
  public void archiveWal(WalArchiveHook hook) {
    archiveWal = once("archiveWal", archiveWal, hook);
  }

  @Override
  public void restoreWal(WalRestoreHook hook) {
    restoreWal = once("restoreWal", restoreWal, hook);
  }

  @Override
  public void walStatus(WalStatusHook hook) {
    walStatus = once("walStatus", walStatus, hook);
  }

  @Override
  public void firstRequiredWal(FirstRequiredWalHook hook) {
    firstRequiredWal = once("firstRequiredWal", firstRequiredWal, hook);
  }

  @Override
  public void backup(BackupHook hook) {
    backup = once("backup", backup, hook);
  }

  @Override
  public void restore(RestoreHook hook) {
    restore = once("restore", restore, hook);
  }

  @Override
  public void readiness(ReadinessHook hook) {
    readiness = once("readiness", readiness, hook);
  }

  @Override
  public <T extends HasMetadata> void on(
      ObjectType<T> type, Set<LifecycleOperation> operations, LifecycleHook<T> hook) {
    checkOperations(type, operations);
    if (!type.changeable()) {
      throw new IllegalArgumentException(
          "The operator can't take back a changed %s; observe it instead.".formatted(type));
    }
    lifecycle.add(new LifecycleRegistration<>(type, operations, hook));
  }

  @Override
  public <T extends HasMetadata> void observe(
      ObjectType<T> type, Set<LifecycleOperation> operations, LifecycleObserver<T> observer) {
    checkOperations(type, operations);
    observers.add(new ObserverRegistration<>(type, operations, observer));
  }

  private static void checkOperations(ObjectType<?> type, Set<LifecycleOperation> operations) {
    if (operations.isEmpty()) {
      throw new IllegalArgumentException("No operation is given for %s.".formatted(type));
    }
    if (operations.contains(LifecycleOperation.EVALUATE) && type.model() != Pod.class) {
      throw new IllegalArgumentException(
          "The operator evaluates Pods only, not %s.".formatted(type));
    }
  }

  @Override
  public void enrichConfiguration(int revision, EnrichConfigurationHook hook) {
    if (revision < 1) {
      throw new IllegalArgumentException("Revisions of an enrichment start at 1.");
    }
    if (enrichment.putIfAbsent(revision, hook) != null) {
      throw new IllegalStateException(
          "Revision %d of the enrichment is registered twice.".formatted(revision));
    }
  }

  @Override
  public void desiredParameters(ParameterLayer layer, DesiredParametersHook hook) {
    if (desiredParameters.putIfAbsent(layer, new DesiredParametersRegistration(layer, hook))
        != null) {
      throw new IllegalStateException(
          "Desired parameters of the layer %s are registered twice.".formatted(layer));
    }
  }

  @Override
  public void metrics(MetricsDefinitionHook define, MetricsCollectionHook collect) {
    metrics = once("metrics", metrics, new MetricsRegistration(define, collect));
  }

  @Override
  public void observeReconcile(ReconcileObserver observer) {
    reconcileObservers.add(observer);
  }
}
