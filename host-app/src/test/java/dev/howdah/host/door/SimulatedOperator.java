package dev.howdah.host.door;

import com.google.protobuf.ByteString;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.Protocol;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.proto.operator.SetStatusInClusterResponse;
import dev.howdah.proto.reconciler.ReconcilerHooksResult;
import io.grpc.Channel;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The operator's loop over one Cluster, as far as plugins notice: it rebuilds {@code
 * status.pluginStatus}, calls Pre, EVALUATE, Post and SetStatus of each plugin in the order of
 * their names, stores the statuses it got, and counts what that makes it patch.
 *
 * <p>Up to 1.30.0 the rebuilding drops the stored statuses; the loop then patches whenever a plugin
 * answered one. Later operators carry them forward, take an empty answer for "as it was", and patch
 * only on change.
 */
final class SimulatedOperator {

  private final boolean keepsStatuses;
  private final Map<String, Integer> statusPatches = new HashMap<>();
  private final SortedMap<String, String> statuses = new TreeMap<>();
  private Cluster cluster;

  SimulatedOperator(boolean keepsStatuses, Cluster cluster) {
    this.keepsStatuses = keepsStatuses;
    this.cluster = cluster;
  }

  /** How many times the status of a plugin was written since the start. */
  int statusPatches(String plugin) {
    return statusPatches.getOrDefault(plugin, 0);
  }

  /** What is stored of a plugin, or empty. */
  String status(String plugin) {
    return statuses.getOrDefault(plugin, "");
  }

  /** The user changes the definition. */
  void change(java.util.function.Consumer<ObjectNode> change) {
    cluster = cluster.with(change);
  }

  /** One loop, by way of these connections by plugin name. */
  void loop(Map<String, Channel> plugins) {
    SortedMap<String, Channel> inOrder = new TreeMap<>(plugins);
    if (!keepsStatuses) {
      statuses.clear();
    }
    Cluster seen = cluster.with(json -> writeStatuses(json, inOrder));
    inOrder.forEach((plugin, channel) -> reconcile("ReconcilerHooks/Pre", channel, seen));
    inOrder.forEach((plugin, channel) -> evaluate(channel, seen));
    inOrder.forEach((plugin, channel) -> reconcile("ReconcilerHooks/Post", channel, seen));
    inOrder.forEach((plugin, channel) -> setStatus(plugin, channel, seen));
  }

  private void writeStatuses(ObjectNode json, SortedMap<String, Channel> plugins) {
    ArrayNode entries = json.withObjectProperty("status").putArray("pluginStatus");
    for (String plugin : plugins.keySet()) {
      ObjectNode entry = entries.addObject().put("name", plugin).put("version", "1");
      if (statuses.containsKey(plugin)) {
        entry.put("status", statuses.get(plugin));
      }
    }
  }

  private static void reconcile(String label, Channel channel, Cluster seen) {
    Protocol.Rpc rpc = Protocol.rpc(label);
    ReconcilerHooksResult answer = (ReconcilerHooksResult) rpc.call(channel, rpc.request(seen));
    if (answer.getBehavior() != ReconcilerHooksResult.Behavior.BEHAVIOR_CONTINUE) {
      throw new AssertionError(label + " ended the loop: " + answer);
    }
  }

  private static void evaluate(Channel channel, Cluster seen) {
    Protocol.rpc("OperatorLifecycle/LifecycleHook")
        .call(
            channel,
            OperatorLifecycleRequest.newBuilder()
                .setOperationType(
                    OperatorOperationType.newBuilder()
                        .setType(OperatorOperationType.Type.TYPE_EVALUATE))
                .setClusterDefinition(Clusters.bytes(seen))
                .setObjectDefinition(Clusters.object("pod-instance"))
                .build());
  }

  private void setStatus(String plugin, Channel channel, Cluster seen) {
    Protocol.Rpc rpc = Protocol.rpc("Operator/SetStatusInCluster");
    ByteString answer =
        ((SetStatusInClusterResponse) rpc.call(channel, rpc.request(seen))).getJsonStatus();
    if (answer.isEmpty()) {
      return;
    }
    String before = statuses.put(plugin, answer.toStringUtf8());
    if (!keepsStatuses || !answer.toStringUtf8().equals(before)) {
      statusPatches.merge(plugin, 1, Integer::sum);
    }
  }

  /** Alternates between replicas, as a Service does. */
  void loops(int count, List<Map<String, Channel>> replicas) {
    for (int i = 0; i < count; i++) {
      loop(replicas.get(i % replicas.size()));
    }
  }
}
