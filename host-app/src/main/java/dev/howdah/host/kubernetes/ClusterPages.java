package dev.howdah.host.kubernetes;

import dev.howdah.plugin.cluster.Cluster;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** All Clusters, a page at a time, so that a thousand of them need not fit into memory. */
public final class ClusterPages {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final int PAGE = 50;

  private ClusterPages() {}

  /**
   * Some of all Clusters.
   *
   * @param clusters those
   * @param next where the others begin; empty if these were the last
   */
  public record Page(List<Cluster> clusters, String next) {

    /** Copies the list. */
    public Page {
      clusters = List.copyOf(clusters);
    }
  }

  /**
   * Lists a page.
   *
   * @param next where it begins; empty for the first
   * @throws KubernetesClientException if the API server refuses or doesn't answer
   */
  public static Page list(KubernetesClient client, String next) {
    String uri =
        "/apis/postgresql.cnpg.io/v1/clusters?limit=%d%s"
            .formatted(
                PAGE,
                next.isEmpty()
                    ? ""
                    : "&continue=" + URLEncoder.encode(next, StandardCharsets.UTF_8));
    JsonNode list = JSON.readTree(client.raw(uri));
    List<Cluster> clusters = new ArrayList<>();
    for (JsonNode item : list.path("items")) {
      if (item instanceof ObjectNode object) {
        clusters.add(Cluster.of(object));
      }
    }
    return new Page(clusters, list.path("metadata").path("continue").asString(""));
  }
}
