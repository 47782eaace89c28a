package dev.howdah.host.sidecar;

import com.google.protobuf.ByteString;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import io.fabric8.zjsonpatch.JsonPatch;
import io.grpc.Channel;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes Pods and Jobs as the operator does: asks one plugin after the other, each with the outcome.
 */
final class Instances {

  private static final JsonMapper JSON = JsonMapper.shared();

  private final Function<String, Channel> channels;

  Instances(Function<String, Channel> channels) {
    this.channels = channels;
  }

  /** What becomes of an object that these plugins are asked about, in this order. */
  byte[] evaluate(Cluster cluster, byte[] object, List<String> plugins) {
    return chain(OperatorOperationType.Type.TYPE_EVALUATE, cluster, object, plugins);
  }

  /** The same when the object is created. */
  byte[] create(Cluster cluster, byte[] object, List<String> plugins) {
    return chain(OperatorOperationType.Type.TYPE_CREATE, cluster, object, plugins);
  }

  private byte[] chain(
      OperatorOperationType.Type operation, Cluster cluster, byte[] object, List<String> plugins) {
    byte[] current = object;
    for (String plugin : plugins) {
      current = apply(patch(operation, cluster, current, plugin), current);
    }
    return current;
  }

  /** One plugin's answer. */
  byte[] patch(
      OperatorOperationType.Type operation, Cluster cluster, byte[] object, String plugin) {
    return OperatorLifecycleGrpc.newBlockingStub(channels.apply(plugin))
        .withDeadlineAfter(20, TimeUnit.SECONDS)
        .lifecycleHook(
            OperatorLifecycleRequest.newBuilder()
                .setOperationType(OperatorOperationType.newBuilder().setType(operation))
                .setClusterDefinition(ByteString.copyFrom(cluster.toBytes()))
                .setObjectDefinition(ByteString.copyFrom(object))
                .build())
        .getJsonPatch()
        .toByteArray();
  }

  private static byte[] apply(byte[] patch, byte[] object) {
    if (patch.length == 0) {
      return object;
    }
    return JSON.writeValueAsBytes(JsonPatch.apply(JSON.readTree(patch), JSON.readTree(object)));
  }

  static JsonNode json(byte[] object) {
    return JSON.readTree(object);
  }

  /** The Pod's part of a Pod or a Job. */
  static JsonNode podSpec(byte[] object) {
    JsonNode json = json(object);
    return json.path("kind").stringValue().equals("Job")
        ? json.at("/spec/template/spec")
        : json.path("spec");
  }

  /** A container by its name. */
  static JsonNode container(JsonNode podSpec, String list, String name) {
    for (JsonNode container : podSpec.path(list)) {
      if (container.path("name").stringValue().equals(name)) {
        return container;
      }
    }
    throw new AssertionError(
        "There is no %s among %s: %s".formatted(name, list, names(podSpec.path(list))));
  }

  static List<String> names(JsonNode list) {
    return list.valueStream().map(it -> it.path("name").stringValue()).toList();
  }
}
