package dev.howdah.plugins.objectstore.cli;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.objectstore.config.ObjectStoreApi;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceList;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.NonNamespaceOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The Cluster whose Backup resources a deletion takes along, if one is named. */
final class ClusterOptions {

  private static final String PLUGIN = "object-store.howdah.dev";

  @Option(
      names = "--cluster",
      paramLabel = "NAMESPACE/NAME",
      description =
          "The Cluster that writes the archive, in Kubernetes: Backup resources of what is deleted"
              + " go, too.")
  @Nullable String cluster;

  @Option(
      names = "--kubeconfig",
      paramLabel = "FILE",
      description = "How to reach Kubernetes, with --cluster; as kubectl does without it.")
  @Nullable Path kubeconfig;

  /** The Backup resources of the Cluster's backups in the archive. */
  interface Resources {
    /** Names those of one backup. */
    List<String> of(String backupId);

    /**
     * Deletes those of a backup whose data is gone.
     *
     * @return their names
     * @throws PluginException if Kubernetes refuses, or can't be reached
     */
    List<String> delete(String backupId);
  }

  private static final Resources NONE =
      new Resources() {
        @Override
        public List<String> of(String backupId) {
          return List.of();
        }

        @Override
        public List<String> delete(String backupId) {
          return List.of();
        }
      };

  /** Something done while the resources can be reached. */
  interface Work {
    int run(Resources resources) throws IOException;
  }

  boolean given() {
    return cluster != null;
  }

  /**
   * Does something. With a Cluster, nothing is done unless it is there and the archive is its own.
   *
   * @throws PluginException if the Cluster isn't there or has another archive, or Kubernetes can't
   *     be reached
   * @throws IllegalArgumentException if the Cluster has no namespace
   */
  int with(ArchiveIdentity archive, Work work) throws IOException {
    if (cluster == null) {
      return work.run(NONE);
    }
    String[] parts = cluster.split("/", -1);
    if (parts.length != 2 || parts[0].isEmpty() || parts[1].isEmpty()) {
      throw new IllegalArgumentException(
          "--cluster '%s' is not a namespace and a name such as app/orders".formatted(cluster));
    }
    try (KubernetesClient client = client()) {
      Cluster found = find(client, parts[0], parts[1]);
      archive.requireOf(found, PLUGIN, new ObjectStoreApi(client));
      return work.run(new OfCluster(client, parts[0], parts[1], found.uid()));
    } catch (KubernetesClientException e) {
      throw new PluginException(
          PluginException.Kind.UNAVAILABLE,
          "Kubernetes refuses, or can't be reached: " + e.getMessage(),
          e);
    }
  }

  private KubernetesClient client() {
    return new KubernetesClientBuilder()
        .withConfig(
            kubeconfig == null
                ? Config.autoConfigure(null)
                : Config.fromKubeconfig(kubeconfig.toFile()))
        .build();
  }

  private static Cluster find(KubernetesClient client, String namespace, String name) {
    GenericKubernetesResource found =
        client
            .genericKubernetesResources(resource("Cluster", "clusters"))
            .inNamespace(namespace)
            .withName(name)
            .get();
    if (found == null) {
      throw new PluginException(
          PluginException.Kind.NOT_FOUND,
          "there is no Cluster %s/%s, so nothing is deleted".formatted(namespace, name));
    }
    return Cluster.decode(
        client.getKubernetesSerialization().asJson(found).getBytes(StandardCharsets.UTF_8));
  }

  /** Those of one Cluster, by its uid: another one may have had the name before. */
  private record OfCluster(KubernetesClient client, String namespace, String cluster, String uid)
      implements Resources {

    @Override
    public List<String> of(String backupId) {
      return find(backupId).stream().map(this::name).toList();
    }

    @Override
    public List<String> delete(String backupId) {
      try {
        List<GenericKubernetesResource> found = find(backupId);
        found.forEach(backup -> backups().resource(backup).delete());
        return found.stream().map(this::name).toList();
      } catch (KubernetesClientException e) {
        throw new PluginException(
            PluginException.Kind.UNAVAILABLE,
            ("backup %s is deleted, but not its Backup resources: Kubernetes refuses, or can't be"
                    + " reached: %s; delete those in namespace %s whose status.backupId is %s by"
                    + " kubectl")
                .formatted(backupId, e.getMessage(), namespace, backupId),
            e);
      }
    }

    private List<GenericKubernetesResource> find(String backupId) {
      return backups().list().getItems().stream()
          .filter(backup -> text(backup, "spec", "cluster", "name").equals(cluster))
          .filter(backup -> text(backup, "spec", "pluginConfiguration", "name").equals(PLUGIN))
          .filter(backup -> text(backup, "status", "backupId").equals(backupId))
          .filter(backup -> text(backup, "status", "pluginMetadata", "clusterUID").equals(uid))
          .toList();
    }

    private NonNamespaceOperation<
            GenericKubernetesResource,
            GenericKubernetesResourceList,
            Resource<GenericKubernetesResource>>
        backups() {
      return client
          .genericKubernetesResources(resource("Backup", "backups"))
          .inNamespace(namespace);
    }

    private String name(GenericKubernetesResource backup) {
      return namespace + "/" + backup.getMetadata().getName();
    }
  }

  private static ResourceDefinitionContext resource(String kind, String plural) {
    return new ResourceDefinitionContext.Builder()
        .withGroup("postgresql.cnpg.io")
        .withVersion("v1")
        .withKind(kind)
        .withPlural(plural)
        .withNamespaced(true)
        .build();
  }

  private static String text(GenericKubernetesResource resource, Object... path) {
    return resource.get(path) instanceof String text ? text : "";
  }
}
