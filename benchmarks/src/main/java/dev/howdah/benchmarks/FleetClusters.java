package dev.howdah.benchmarks;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Clusters as big as those that many hands and controllers have worked on for years. */
final class FleetClusters {

  /** Size of each as JSON. */
  static final double KILOBYTES = 100;

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String NAMESPACE = "databases";
  private static final int INSTANCES = 3;

  private FleetClusters() {}

  /**
   * A Cluster and its instances.
   *
   * @param name of the Cluster
   * @param definition the Cluster as JSON
   * @param pods of its instances as JSON
   */
  record Item(String name, ByteString definition, List<ByteString> pods) {}

  /**
   * Makes some.
   *
   * @param count how many
   * @param plugins names of the plugins that each enables
   */
  static List<Item> make(int count, List<String> plugins) {
    List<Item> clusters = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String name = "fleet-%03d".formatted(i);
      List<ByteString> pods = new ArrayList<>();
      for (int instance = 1; instance <= INSTANCES; instance++) {
        pods.add(pod(name + "-" + instance));
      }
      clusters.add(new Item(name, cluster(name, plugins), pods));
    }
    return clusters;
  }

  private static ByteString cluster(String name, List<String> plugins) {
    ObjectNode cluster = (ObjectNode) JSON.readTree(OperatorCalls.read("cluster-minimal.json"));
    cluster.withObject("/metadata").put("name", name).put("namespace", NAMESPACE);
    ArrayNode enabled = cluster.withObject("/spec").putArray("plugins");
    plugins.forEach(plugin -> enabled.addObject().put("name", plugin));
    pad(cluster);
    return ByteString.copyFrom(JSON.writeValueAsBytes(cluster));
  }

  /** With the records of who owns which field, which is what makes real Clusters big. */
  private static void pad(ObjectNode cluster) {
    ArrayNode managers = cluster.withObject("/metadata").putArray("managedFields");
    int missing = (int) (KILOBYTES * 1000) - JSON.writeValueAsBytes(cluster).length;
    for (int manager = 0; missing > 0; manager++) {
      ObjectNode entry =
          managers
              .addObject()
              .put("manager", "controller-" + manager)
              .put("operation", "Update")
              .put("apiVersion", "postgresql.cnpg.io/v1")
              .put("time", "2026-01-01T00:00:00Z")
              .put("fieldsType", "FieldsV1");
      ObjectNode parameters = entry.withObject("/fieldsV1/f:spec/f:postgresql/f:parameters");
      for (int field = 0; field < 100; field++) {
        parameters.putObject("f:a_parameter_of_some_length_%d_%d".formatted(manager, field));
      }
      missing -= JSON.writeValueAsBytes(entry).length;
    }
  }

  private static ByteString pod(String name) {
    ObjectNode pod = (ObjectNode) JSON.readTree(OperatorCalls.read("pod-instance-create.json"));
    pod.withObject("/metadata").put("name", name).put("namespace", NAMESPACE);
    return ByteString.copyFrom(JSON.writeValueAsBytes(pod));
  }
}
