package dev.howdah.host.sidecar;

import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.host.kubernetes.LeaderWork;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * What operator mode keeps in the Clusters' namespaces: the ConfigMap with the settings of the
 * plugins inside, and the annotation that makes enrichment active. Idempotent; written only where
 * something changed, since each write of a Cluster starts the operator's next loop.
 */
final class ClusterUpkeep implements LeaderWork {

  private static final Logger LOG = LoggerFactory.getLogger(ClusterUpkeep.class);

  private static final String GROUP = "postgresql.cnpg.io";
  private static final String FILE = "application.properties";
  private static final String MANAGER = "howdah";
  private static final String MANAGED_BY = "app.kubernetes.io/managed-by";
  private static final String CLUSTER = "cnpg.io/cluster";
  private static final String POD_ROLE = "cnpg.io/podRole";

  private static final ResourceDefinitionContext CLUSTERS =
      new ResourceDefinitionContext.Builder()
          .withGroup(GROUP)
          .withVersion("v1")
          .withKind("Cluster")
          .withPlural("clusters")
          .withNamespaced(true)
          .build();

  private final KubernetesApi api;
  private final SharedSidecar sidecar;
  private final Duration interval;

  ClusterUpkeep(KubernetesApi api, SharedSidecar sidecar, Duration interval) {
    this.api = api;
    this.sidecar = sidecar;
    this.interval = interval;
  }

  @Override
  public String name() {
    return "sidecar";
  }

  @Override
  public Duration interval() {
    return interval;
  }

  @Override
  public void run() throws InterruptedException {
    Optional<KubernetesClient> client = api.client();
    if (client.isPresent() && sidecar.configured()) {
      keepAll(client.get());
    }
  }

  private void keepAll(KubernetesClient client) throws InterruptedException {
    // Three lists, however many Clusters there are.
    List<GenericKubernetesResource> clusters =
        client.genericKubernetesResources(CLUSTERS).inAnyNamespace().list().getItems();
    Map<String, ConfigMap> settings =
        client
            .configMaps()
            .inAnyNamespace()
            .withLabel(MANAGED_BY, MANAGER)
            .list()
            .getItems()
            .stream()
            .collect(Collectors.toMap(ClusterUpkeep::qualifiedName, it -> it));
    Map<String, List<Pod>> pods =
        client.pods().inAnyNamespace().withLabel(POD_ROLE, "instance").list().getItems().stream()
            .collect(Collectors.groupingBy(ClusterUpkeep::clusterOf));
    for (GenericKubernetesResource resource : clusters) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      String json = client.getKubernetesSerialization().asJson(resource);
      Cluster cluster = Cluster.decode(json.getBytes(StandardCharsets.UTF_8));
      try {
        keep(client, cluster, settings, pods.getOrDefault(cluster.qualifiedName(), List.of()));
      } catch (KubernetesClientException | PluginException e) {
        LOG.atWarn()
            .addKeyValue("cluster", cluster.qualifiedName())
            .addKeyValue("problem", e.getMessage())
            .log("The sidecar's settings or its enrichment can't be kept in the Cluster");
      }
    }
  }

  private static String qualifiedName(HasMetadata object) {
    return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
  }

  private static String clusterOf(Pod pod) {
    return pod.getMetadata().getNamespace()
        + "/"
        + pod.getMetadata().getLabels().getOrDefault(CLUSTER, "");
  }

  private void keep(
      KubernetesClient client, Cluster cluster, Map<String, ConfigMap> settings, List<Pod> pods) {
    if (cluster.deleting()) {
      return;
    }
    Optional<SidecarPlan> plan = sidecar.plan(cluster);
    if (plan.isPresent()) {
      keepSettings(client, cluster, plan.get(), settings);
    }
    String before = cluster.annotations().get(EnrichmentActivation.ANNOTATION);
    if (plan.isPresent() || before != null) {
      keepAnnotation(client, cluster, plan, before == null ? "" : before, pods);
    }
  }

  private void keepSettings(
      KubernetesClient client, Cluster cluster, SidecarPlan plan, Map<String, ConfigMap> settings) {
    String name = SidecarTemplate.settingsConfigMap(cluster.name());
    Map<String, String> data =
        Map.of(FILE, CheckedSettings.properties(sidecar.settingsInside(plan)));
    @Nullable ConfigMap present = settings.get(cluster.namespace() + "/" + name);
    if (present != null && data.equals(present.getData())) {
      return;
    }
    ConfigMap wanted =
        new ConfigMapBuilder()
            .withNewMetadata()
            .withName(name)
            .withNamespace(cluster.namespace())
            .addToLabels(MANAGED_BY, MANAGER)
            .addToLabels(CLUSTER, cluster.name())
            .addNewOwnerReference()
            .withApiVersion(GROUP + "/v1")
            .withKind("Cluster")
            .withName(cluster.name())
            .withUid(cluster.uid())
            .endOwnerReference()
            .endMetadata()
            .withData(data)
            .build();
    if (present == null) {
      // Fails, and is logged, if somebody else's has that name: it isn't ours to change.
      client.resource(wanted).create();
    } else {
      client.resource(wanted).update();
    }
    LOG.atInfo()
        .addKeyValue("cluster", cluster.qualifiedName())
        .addKeyValue("configMap", name)
        .log("The sidecar's settings were written");
  }

  private static void keepAnnotation(
      KubernetesClient client,
      Cluster cluster,
      Optional<SidecarPlan> plan,
      String before,
      List<Pod> pods) {
    String wanted = EnrichmentActivation.write(EnrichmentRollout.entries(plan, pods));
    if (wanted.equals(before)) {
      return;
    }
    ObjectNode patch = JsonMapper.shared().createObjectNode();
    ObjectNode annotations = patch.putObject("metadata").putObject("annotations");
    if (wanted.isEmpty()) {
      annotations.putNull(EnrichmentActivation.ANNOTATION);
    } else {
      annotations.put(EnrichmentActivation.ANNOTATION, wanted);
    }
    client
        .genericKubernetesResources(CLUSTERS)
        .inNamespace(cluster.namespace())
        .withName(cluster.name())
        .patch(PatchContext.of(PatchType.JSON_MERGE), patch.toString());
    LOG.atInfo()
        .addKeyValue("cluster", cluster.qualifiedName())
        .addKeyValue("before", before)
        .addKeyValue("now", wanted)
        .addKeyValue("pods", pods.size())
        .log("Enrichment became active or inactive");
  }
}
