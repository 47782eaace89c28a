package dev.howdah.host.testing;

import com.google.protobuf.ByteString;
import dev.howdah.host.OperatorObjects;
import dev.howdah.plugin.cluster.Cluster;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Clusters as the operator sends them, made to name the plugins of a test. */
public final class Clusters {

  private Clusters() {}

  /** A Cluster that enables these plugins, without parameters. */
  public static Cluster naming(String... plugins) {
    return OperatorObjects.cluster("cluster-minimal").with(json -> name(json, plugins));
  }

  /** A Cluster that enables one plugin with parameters. */
  public static Cluster with(String plugin, Map<String, String> parameters) {
    return naming(plugin)
        .with(
            json -> {
              ObjectNode entry = (ObjectNode) json.at("/spec/plugins/0");
              parameters.forEach(entry.putObject("parameters")::put);
            });
  }

  /** The same Cluster after a change. */
  public static ByteString bytes(Cluster cluster, Consumer<ObjectNode> change) {
    return bytes(cluster.with(change));
  }

  /** As it goes over the wire. */
  public static ByteString bytes(Cluster cluster) {
    return ByteString.copyFrom(cluster.toBytes());
  }

  /** An object of the testkit as it goes over the wire. */
  public static ByteString object(String name) {
    return ByteString.copyFrom(OperatorObjects.json(name));
  }

  private static void name(ObjectNode json, String... plugins) {
    ObjectNode spec = (ObjectNode) json.get("spec");
    spec.remove("externalClusters");
    ArrayNode entries = spec.putArray("plugins");
    for (String plugin : plugins) {
      entries.addObject().put("name", plugin).put("enabled", true);
    }
    if (json.get("status") instanceof ObjectNode status) {
      status.remove("pluginStatus");
    }
  }
}
