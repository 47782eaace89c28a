package dev.howdah.plugins.objectstore.config;

import dev.howdah.plugin.PluginException;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code ObjectStore} resources in Kubernetes.
 *
 * @param client speaks to the API server; not closed here
 */
public record ObjectStoreApi(KubernetesClient client) implements ObjectStoreResources {

  /** The resource. */
  public static final ResourceDefinitionContext DEFINITION =
      new ResourceDefinitionContext.Builder()
          .withGroup("barmancloud.cnpg.io")
          .withVersion("v1")
          .withKind("ObjectStore")
          .withPlural("objectstores")
          .withNamespaced(true)
          .build();

  private static final int FORBIDDEN = 403;

  @Override
  public Optional<JsonNode> find(String namespace, String name) {
    try {
      GenericKubernetesResource resource =
          client.genericKubernetesResources(DEFINITION).inNamespace(namespace).withName(name).get();
      return Optional.ofNullable(resource)
          .map(
              found ->
                  JsonMapper.shared().readTree(client.getKubernetesSerialization().asJson(found)));
    } catch (KubernetesClientException e) {
      if (e.getCode() == FORBIDDEN) {
        throw new PluginException(
            PluginException.Kind.PRECONDITION,
            "the ObjectStore %s may not be read; a Role must allow get of objectstores.%s in namespace '%s'"
                .formatted(name, "barmancloud.cnpg.io", namespace),
            e);
      }
      throw new PluginException(
          PluginException.Kind.UNAVAILABLE,
          "the ObjectStore %s can't be read: the Kubernetes API can't be reached or refuses"
              .formatted(name),
          e);
    }
  }
}
