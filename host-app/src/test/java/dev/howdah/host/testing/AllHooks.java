package dev.howdah.host.testing;

import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Readiness;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.backup.BackupResult;
import dev.howdah.plugin.backup.RestoreResult;
import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.reconcile.Reconcile;
import dev.howdah.plugin.wal.WalStatus;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** A plugin that does everything the protocol has, visibly, and notes which hooks ran. */
public final class AllHooks {

  private final List<String> ran = new CopyOnWriteArrayList<>();

  /** Hooks that ran, in order, by the name of their registration. */
  public List<String> ran() {
    return ran;
  }

  /** Makes the plugin. */
  public TestPlugin plugin(String name) {
    return TestPlugin.of(name, this::register);
  }

  private void register(Hooks hooks) {
    hooks.validateCreate(
        context -> {
          ran.add("validateCreate");
          return List.of(
              ValidationFinding.error(List.of("spec", "instances"), "3", "three is a crowd"));
        });
    hooks.validateChange(
        (before, context) -> {
          ran.add("validateChange");
          return List.of(
              ValidationFinding.error(List.of("spec", "instances"), "3", "no change, please"));
        });
    hooks.defaults(
        context -> {
          ran.add("defaults");
          return context
              .cluster()
              .with(json -> json.withObjectProperty("spec").put("description", "completed"));
        });
    hooks.status(
        context -> {
          ran.add("status");
          return Optional.of(Map.of("greeted", context.cluster().name()));
        });
    hooks.deregister(context -> ran.add("deregister"));
    hooks.onCreate(
        Pod.class,
        (pod, context) -> {
          ran.add("lifecycle");
          return new PodBuilder(pod)
              .editOrNewMetadata()
              .addToLabels("all-hooks", "here")
              .endMetadata()
              .build();
        });
    hooks.onCreate(
        ConfigMap.class,
        (map, context) -> new ConfigMapBuilder(map).addToData("all-hooks", "here").build());
    hooks.preReconcileCluster(
        context -> {
          ran.add("preReconcileCluster");
          return Reconcile.proceed();
        });
    hooks.postReconcileCluster(
        context -> {
          ran.add("postReconcileCluster");
          return Reconcile.requeue(Duration.ofSeconds(7));
        });
    hooks.preReconcileBackup(
        (backup, context) -> {
          ran.add("preReconcileBackup");
          return Reconcile.terminate();
        });
    hooks.postReconcileBackup(
        (backup, context) -> {
          ran.add("postReconcileBackup");
          return Reconcile.proceed();
        });
    hooks.archiveWal((request, context) -> ran.add("archiveWal " + request.walName()));
    hooks.restoreWal((request, context) -> ran.add("restoreWal " + request.walName()));
    hooks.walStatus(
        context -> {
          ran.add("walStatus");
          return new WalStatus(
              "000000010000000000000001", "000000010000000000000007", Map.of("in", "memory"));
        });
    hooks.firstRequiredWal((wal, context) -> ran.add("firstRequiredWal " + wal));
    hooks.backup(
        (request, context) -> {
          ran.add("backup " + request.backup().name());
          return new BackupResult(
              "20260101T000000",
              "backup-1",
              Instant.parse("2026-01-01T00:00:00Z"),
              Instant.parse("2026-01-01T00:01:00Z"),
              "000000010000000000000002",
              "000000010000000000000003",
              "0/2000028",
              "0/3000100",
              "START WAL LOCATION",
              "",
              "cluster-1",
              true,
              Map.of("size", "42"));
        });
    hooks.restore(
        (request, context) -> {
          ran.add("restore");
          return new RestoreResult("restore_command = 'true'\n", Map.of("PGUSER", "postgres"));
        });
    hooks.enrichConfiguration(
        1,
        (configuration, operation, context) -> {
          ran.add("enrichConfiguration " + operation);
          return Map.of("work_mem", "7MB");
        });
    MetricDefinition definition = MetricDefinition.gauge("all_hooks_greetings", "Greetings.", "to");
    hooks.metrics(
        context -> {
          ran.add("define");
          return List.of(definition);
        },
        context -> {
          ran.add("collect");
          return List.of(definition.sample(3, context.cluster().name()));
        });
    hooks.readiness(Readiness::ready);
  }
}
