package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugin.audit.AuditPublisher;
import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes Backup resources whose backup retention has deleted, so that nobody recovers from one
 * that is gone. Only those of which it was told: a Backup that merely isn't found in an archive may
 * be in another one. Without Kubernetes it does nothing. Thread-safe.
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
  // Per Cluster, those that could not be deleted yet.
  private final Map<String, Set<String>> gone = new ConcurrentHashMap<>();

  BackupResources(Optional<KubernetesClient> client, String pluginName, AuditPublisher audit) {
    this.client = client;
    this.pluginName = pluginName;
    this.audit = audit;
  }

  /**
   * Takes note of a backup that was deleted from its archive.
   *
   * @param cluster the Cluster that made it, in this archive
   */
  void deleted(Cluster cluster, String backupId) {
    if (client.isPresent()) {
      gone.computeIfAbsent(cluster.uid(), uid -> ConcurrentHashMap.newKeySet()).add(backupId);
    }
  }

  /** Deletes the resources; those of which it isn't possible stay noted for the next time. */
  void follow(Cluster cluster) {
    Set<String> ids = gone.getOrDefault(cluster.uid(), Set.of());
    if (client.isEmpty() || ids.isEmpty()) {
      return;
    }
    Set<String> noted = Set.copyOf(ids);
    try {
      var backups =
          client.get().genericKubernetesResources(BACKUPS).inNamespace(cluster.namespace());
      for (GenericKubernetesResource backup : backups.list().getItems()) {
        if (isOf(backup, cluster) && noted.contains(text(backup, "status", "backupId"))) {
          backups.resource(backup).delete();
          note(backup, cluster);
        }
      }
      ids.removeAll(noted);
    } catch (KubernetesClientException e) {
      log.atWarn()
          .addKeyValue("cluster", cluster.qualifiedName())
          .addKeyValue("code", e.getCode())
          .log("Backups whose data is deleted can't be deleted; it is tried again next time");
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

  private void note(GenericKubernetesResource backup, Cluster cluster) {
    String name = backup.getMetadata().getName();
    String id = text(backup, "status", "backupId");
    log.atInfo()
        .addKeyValue("cluster", cluster.qualifiedName())
        .addKeyValue("resource", name)
        .addKeyValue("backup", id)
        .log("Backup resource deleted after its data");
    audit.publish(
        AuditEvent.of("backup.resource.delete")
            .cluster(cluster)
            .detail("resource", name)
            .detail("backup", id)
            .detail("rule", "its data was deleted by retention")
            .build());
  }
}
