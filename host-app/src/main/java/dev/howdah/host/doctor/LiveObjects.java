package dev.howdah.host.doctor;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads the objects from the API server: of the operator's namespace what plugins are made of, of
 * all namespaces Clusters and Pods. Reads only, and goes on without what it may not read.
 */
final class LiveObjects {

  private static final JsonMapper MAPPER = JsonMapper.shared();

  private LiveObjects() {}

  /**
   * One kind to read.
   *
   * @param group its API group
   * @param version its version
   * @param kind its kind
   * @param plural its name in the API
   * @param everywhere whether in all namespaces, not just the operator's
   * @param labels what they must be labelled; empty for nothing
   */
  private record Wanted(
      String group,
      String version,
      String kind,
      String plural,
      boolean everywhere,
      String labels) {}

  private static final List<Wanted> KINDS =
      List.of(
          new Wanted("", "v1", "Service", "services", true, ""),
          new Wanted("", "v1", "Secret", "secrets", false, ""),
          new Wanted("", "v1", "ConfigMap", "configmaps", false, ""),
          new Wanted("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", false, ""),
          new Wanted(
              "apps",
              "v1",
              "Deployment",
              "deployments",
              true,
              "app.kubernetes.io/name=cloudnative-pg"),
          new Wanted("postgresql.cnpg.io", "v1", "Cluster", "clusters", true, ""),
          new Wanted("", "v1", "Pod", "pods", true, "cnpg.io/podRole=instance"));

  /**
   * Reads.
   *
   * @throws KubernetesClientException if there is no API server at all
   */
  static ClusterObjects read(KubernetesClient client, String operatorNamespace) {
    List<KubernetesObject> objects = new ArrayList<>();
    Set<String> unread = new TreeSet<>();
    for (Wanted wanted : KINDS) {
      ResourceDefinitionContext context =
          new ResourceDefinitionContext.Builder()
              .withGroup(wanted.group())
              .withVersion(wanted.version())
              .withKind(wanted.kind())
              .withPlural(wanted.plural())
              .withNamespaced(true)
              .build();
      var resources = client.genericKubernetesResources(context);
      try {
        var list =
            wanted.everywhere()
                ? resources.inAnyNamespace().withLabelSelector(wanted.labels()).list()
                : resources
                    .inNamespace(operatorNamespace)
                    .withLabelSelector(wanted.labels())
                    .list();
        for (var item : list.getItems()) {
          item.setKind(wanted.kind());
          item.setApiVersion(
              wanted.group().isEmpty()
                  ? wanted.version()
                  : wanted.group() + "/" + wanted.version());
          ObjectFiles.add(MAPPER.readTree(Serialization.asJson(item)), objects);
        }
      } catch (KubernetesClientException refused) {
        if (refused.getCode() <= 0) {
          throw refused;
        }
        unread.add(wanted.kind());
      }
    }
    return new ClusterObjects(operatorNamespace, objects, unread);
  }
}
