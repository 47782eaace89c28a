package dev.howdah.host.delivery;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.SpecParameters;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * Clusters at the API server: reading them, and the one write that there is. Every method throws
 * {@link KubernetesClientException} if the API server refuses or doesn't answer.
 */
final class ClusterApi {

  private static final String GROUP = "postgresql.cnpg.io";
  private static final String VERSION = "v1";
  private static final ResourceDefinitionContext CLUSTERS =
      new ResourceDefinitionContext.Builder()
          .withGroup(GROUP)
          .withVersion(VERSION)
          .withKind("Cluster")
          .withPlural("clusters")
          .withNamespaced(true)
          .build();

  private ClusterApi() {}

  /** One Cluster as it is now, or empty if it is gone. */
  static Optional<Cluster> get(KubernetesClient client, Cluster seen) {
    GenericKubernetesResource found =
        client
            .genericKubernetesResources(CLUSTERS)
            .inNamespace(seen.namespace())
            .withName(seen.name())
            .get();
    return Optional.ofNullable(found)
        .map(it -> client.getKubernetesSerialization().asJson(it))
        .map(json -> Cluster.decode(json.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * The server-side apply: what Howdah holds from now on. An empty set gives everything back.
   *
   * @param live the Cluster that was decided upon; if it has changed since, the API server answers
   *     409, so that nothing is forced over what a user wrote in between
   */
  static void apply(KubernetesClient client, Cluster live, SortedMap<String, String> set) {
    GenericKubernetesResource wanted =
        new GenericKubernetesResourceBuilder()
            .withApiVersion(GROUP + "/" + VERSION)
            .withKind("Cluster")
            .withNewMetadata()
            .withNamespace(live.namespace())
            .withName(live.name())
            // Also keeps a Cluster from being created that was deleted just now.
            .withUid(live.uid())
            .withResourceVersion(live.at("metadata", "resourceVersion").asString(""))
            .endMetadata()
            .build();
    if (!set.isEmpty()) {
      wanted.setAdditionalProperty(
          "spec", Map.of("postgresql", Map.of("parameters", Map.copyOf(set))));
    }
    client
        .genericKubernetesResources(CLUSTERS)
        .inNamespace(live.namespace())
        .resource(wanted)
        .patch(
            new PatchContext.Builder()
                .withPatchType(PatchType.SERVER_SIDE_APPLY)
                .withFieldManager(SpecParameters.MANAGER)
                // Over CloudNativePG's defaults, which its webhook books on whoever made the
                // Cluster. Nothing that the user set is in the set.
                .withForce(true)
                .build());
  }
}
