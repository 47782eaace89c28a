package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugin.audit.AuditPublisher;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.DeletionNote;
import dev.howdah.plugins.objectstore.retention.RetentionPlan;
import dev.howdah.plugins.objectstore.retention.RetentionPlan.Doomed;
import dev.howdah.plugins.objectstore.store.StoreException;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes Backup resources whose backup retention has deleted, so that nobody recovers from one
 * that is gone. A Backup that merely isn't found in an archive may be in another one; so only those
 * go of which the archive itself has a note that retention deleted them there. Without Kubernetes
 * it does nothing. Thread-safe.
 */
final class BackupResources {

  /** The resource. */
  static final ResourceDefinitionContext BACKUPS =
      new ResourceDefinitionContext.Builder()
          .withGroup("postgresql.cnpg.io")
          .withVersion("v1")
          .withKind("Backup")
          .withPlural("backups")
          .withNamespaced(true)
          .build();

  private static final Logger log = LoggerFactory.getLogger(BackupResources.class);

  private final Optional<KubernetesClient> client;
  private final String pluginName;
  private final AuditPublisher audit;

  BackupResources(Optional<KubernetesClient> client, String pluginName, AuditPublisher audit) {
    this.client = client;
    this.pluginName = pluginName;
    this.audit = audit;
  }

  /**
   * Notes in an archive which backups are about to be deleted from it.
   *
   * @param cluster the Cluster that made them, in this archive
   * @throws StoreException if that isn't possible; then nothing should be deleted, since its
   *     resources would stay for ever
   */
  void beforeDeletion(Cluster cluster, Archive archive, RetentionPlan plan) throws StoreException {
    if (client.isEmpty()) {
      return;
    }
    for (Doomed doomed : plan.backups()) {
      new DeletionNote(doomed.id(), cluster.uid(), doomed.rule().text()).write(archive);
    }
  }

  /**
   * Deletes the resources of those noted backups of which the archive has nothing any more; where
   * that isn't possible the note stays for the next time. In an archive that isn't clearly this
   * database's nothing is done at all: an empty one, or another one under the same name, has none
   * of the backups, and that says nothing.
   *
   * @param catalogue all of the archive, read after the deletion
   * @param systemId the database's system identifier, if it is known
   * @throws IOException if the notes can't be read
   */
  void follow(Cluster cluster, Archive archive, Catalogue catalogue, Optional<String> systemId)
      throws IOException {
    boolean ofThisDatabase =
        systemId.isPresent() && catalogue.databases().equals(Set.of(systemId.get()));
    if (client.isEmpty() || !ofThisDatabase) {
      return;
    }
    List<DeletionNote> settled = new ArrayList<>();
    Map<String, DeletionNote> gone = new HashMap<>();
    for (DeletionNote note : DeletionNote.readAll(archive)) {
      boolean ours = note.clusterUid().equals(cluster.uid());
      if (ours && catalogue.find(note.backupId()).isPresent()) {
        // It came to no deletion. Whoever deletes it later will have a reason of his own.
        settled.add(note);
      } else if (ours && !catalogue.leftovers().contains(note.backupId())) {
        gone.put(note.backupId(), note);
      }
    }
    if (!gone.isEmpty() && delete(client.get(), cluster, gone)) {
      settled.addAll(gone.values());
    }
    DeletionNote.remove(archive, settled);
  }

  private boolean delete(
      KubernetesClient kubernetes, Cluster cluster, Map<String, DeletionNote> gone) {
    try {
      var backups = kubernetes.genericKubernetesResources(BACKUPS).inNamespace(cluster.namespace());
      for (GenericKubernetesResource backup : backups.list().getItems()) {
        DeletionNote note = gone.get(text(backup, "status", "backupId"));
        if (note != null && isOf(backup, cluster)) {
          backups.resource(backup).delete();
          tell(backup, cluster, note);
        }
      }
      return true;
    } catch (KubernetesClientException e) {
      log.atWarn()
          .addKeyValue("cluster", cluster.qualifiedName())
          .addKeyValue("code", e.getCode())
          .log("Backups whose data is deleted can't be deleted; it is tried again next time");
      return false;
    }
  }

  private boolean isOf(GenericKubernetesResource backup, Cluster cluster) {
    return text(backup, "spec", "method").equals("plugin")
        && text(backup, "spec", "pluginConfiguration", "name").equals(pluginName)
        && text(backup, "spec", "cluster", "name").equals(cluster.name())
        && text(backup, "status", "phase").equals("completed")
        // Another Cluster may have had the name before, and its backups somewhere else.
        && text(backup, "status", "pluginMetadata", "clusterUID").equals(cluster.uid());
  }

  private static String text(GenericKubernetesResource resource, Object... path) {
    return resource.get(path) instanceof String text ? text : "";
  }

  private void tell(GenericKubernetesResource backup, Cluster cluster, DeletionNote note) {
    String name = backup.getMetadata().getName();
    String rule = "its data was deleted by retention: " + note.rule();
    log.atInfo()
        .addKeyValue("cluster", cluster.qualifiedName())
        .addKeyValue("resource", name)
        .addKeyValue("backup", note.backupId())
        .addKeyValue("rule", rule)
        .log("Backup resource deleted after its data");
    audit.publish(
        AuditEvent.of("backup.resource.delete")
            .cluster(cluster)
            .detail("resource", name)
            .detail("backup", note.backupId())
            .detail("rule", rule)
            .build());
  }
}
