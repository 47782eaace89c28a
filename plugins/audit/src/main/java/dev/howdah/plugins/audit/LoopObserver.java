package dev.howdah.plugins.audit;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugin.audit.AuditPublisher;
import dev.howdah.plugin.cluster.Backup;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.reconcile.ReconcileObserver;
import dev.howdah.plugin.reconcile.ReconcileStage;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Publishes what the operator's loops show: a definition that has changed, the first loop that went
 * through with it, and each phase of a backup. Loops themselves come too often to be worth a
 * record.
 *
 * <p>Who changed a definition is a guess here: the last manager of the spec's fields, marked with
 * its source. The admission webhook knows better where it is installed.
 */
final class LoopObserver implements ReconcileObserver {

  private static final int REMEMBERED = 5_000;

  private final AuditPublisher publisher;
  private final LastSeen seen = new LastSeen(REMEMBERED);

  LoopObserver(AuditPublisher publisher) {
    this.publisher = publisher;
  }

  @Override
  public void observed(ReconcileStage stage, Optional<Backup> backup, HookContext context) {
    if (backup.isPresent()) {
      backup(stage, backup.get(), context.cluster());
    } else {
      definition(stage, context.cluster());
    }
  }

  private void definition(ReconcileStage stage, Cluster cluster) {
    String revision = DefinitionRevision.of(cluster);
    String thing = stage + " " + cluster.uid();
    Optional<String> before = seen.last(thing);
    if (!seen.isNew(thing, revision)) {
      return;
    }
    String action =
        switch (stage) {
          case PRE -> "cluster.definition";
          case POST -> "cluster.reconciled";
        };
    AuditEvent.Builder event =
        AuditEvent.of(action)
            .cluster(cluster)
            // Every replica sees every revision, and one that comes back after a restart again.
            .key("%s/%s/%d/%s".formatted(action, cluster.uid(), cluster.generation(), revision))
            .detail("revision", revision)
            .detail("generation", String.valueOf(cluster.generation()));
    before.ifPresent(last -> event.detail("previousRevision", last));
    if (stage == ReconcileStage.PRE) {
      lastManager(cluster)
          .ifPresent(
              manager ->
                  event
                      .detail("manager", manager.path("manager").asString(""))
                      .detail("managerTime", manager.path("time").asString(""))
                      .detail("managerSource", "managedFields"));
      event.payload(cluster.at("spec"));
    }
    publisher.publish(event.build());
  }

  /** The entry of {@code managedFields} that last wrote something of the spec. */
  private static Optional<JsonNode> lastManager(Cluster cluster) {
    JsonNode last = null;
    for (JsonNode entry : cluster.at("metadata", "managedFields")) {
      boolean ofSpec =
          entry.path("fieldsV1").has("f:spec") && entry.path("subresource").asString("").isEmpty();
      if (ofSpec
          && (last == null
              || entry.path("time").asString("").compareTo(last.path("time").asString("")) > 0)) {
        last = entry;
      }
    }
    return Optional.ofNullable(last);
  }

  private void backup(ReconcileStage stage, Backup backup, Cluster cluster) {
    String phase = backup.phase().isEmpty() ? "new" : backup.phase();
    String thing = "backup " + stage + " " + backup.uid();
    if (!seen.isNew(thing, phase)) {
      return;
    }
    AuditEvent.Builder event =
        AuditEvent.of("backup.phase")
            .cluster(cluster)
            .object(
                new AuditEvent.ObjectIdentity(
                    "postgresql.cnpg.io", "Backup", backup.namespace(), backup.name()))
            .key("backup/%s/%s/%s".formatted(backup.uid(), stage, phase))
            .detail("phase", phase)
            .detail("stage", stage == ReconcileStage.PRE ? "before" : "after");
    backup.method().ifPresent(method -> event.detail("method", method));
    backup.pluginName().ifPresent(plugin -> event.detail("plugin", plugin));
    publisher.publish(event.build());
  }
}
