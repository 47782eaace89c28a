package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.config.ObjectStoreApi;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Writes a server's recovery window into its ObjectStore's status, beside the other servers' that
 * are there. Without Kubernetes, or without an ObjectStore, it does nothing. Thread-safe.
 */
final class RecoveryWindowStatus {

  private static final Logger log = LoggerFactory.getLogger(RecoveryWindowStatus.class);
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private final Optional<KubernetesClient> client;

  RecoveryWindowStatus(Optional<KubernetesClient> client) {
    this.client = client;
  }

  void update(
      Cluster cluster, ObjectStoreParameters parameters, Archive archive, Catalogue catalogue) {
    if (client.isEmpty() || parameters.barmanObjectName().isEmpty()) {
      return;
    }
    String name = parameters.barmanObjectName().get();
    try {
      client
          .get()
          .genericKubernetesResources(ObjectStoreApi.DEFINITION)
          .inNamespace(cluster.namespace())
          .withName(name)
          .subresource("status")
          .patch(MERGE, patch(archive.layout().server(), catalogue));
    } catch (KubernetesClientException e) {
      log.atWarn()
          .addKeyValue("cluster", cluster.qualifiedName())
          .addKeyValue("objectStore", name)
          .addKeyValue("code", e.getCode())
          .log("The recovery window can't be written into the ObjectStore's status");
    }
  }

  private static String patch(String server, Catalogue catalogue) {
    ObjectNode patch = JsonMapper.shared().createObjectNode();
    ObjectNode window =
        patch.putObject("status").putObject("serverRecoveryWindow").putObject(server);
    put(window, "firstRecoverabilityPoint", catalogue.firstRecoverabilityPoint());
    put(window, "lastSuccessfulBackupTime", catalogue.lastBackupTime());
    put(window, "lastFailedBackupTime", catalogue.lastFailureTime());
    return patch.toString();
  }

  // A null takes away what a merge would otherwise leave there.
  private static void put(ObjectNode window, String field, Optional<Instant> time) {
    if (time.isPresent()) {
      window.put(field, time.get().truncatedTo(ChronoUnit.SECONDS).toString());
    } else {
      window.putNull(field);
    }
  }
}
