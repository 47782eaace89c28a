package dev.howdah.benchmarks;

import com.google.protobuf.ByteString;
import dev.howdah.proto.identity.GetPluginCapabilitiesRequest;
import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.IdentityGrpc;
import dev.howdah.proto.identity.PluginCapability;
import dev.howdah.proto.identity.ProbeRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilitiesRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import dev.howdah.proto.operator.OperatorCapabilitiesRequest;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksCapabilitiesRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksRequest;
import io.grpc.Channel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicLong;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The calls that the operator makes, with objects as it sends them. */
final class OperatorCalls {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final String OBJECTS = "/dev/howdah/testkit/objects/";

  private static final String NUMBER = "the-number-of-the-pod";
  private static final AtomicLong PODS = new AtomicLong();

  private OperatorCalls() {}

  /** The loading sequence of a plugin that serves the operator. */
  static void handshake(Channel channel) {
    IdentityGrpc.IdentityBlockingStub identity = IdentityGrpc.newBlockingStub(channel);
    identity.getPluginMetadata(GetPluginMetadataRequest.getDefaultInstance());
    for (PluginCapability capability :
        identity
            .getPluginCapabilities(GetPluginCapabilitiesRequest.getDefaultInstance())
            .getCapabilitiesList()) {
      switch (capability.getService().getType()) {
        case TYPE_OPERATOR_SERVICE ->
            OperatorGrpc.newBlockingStub(channel)
                .getCapabilities(OperatorCapabilitiesRequest.getDefaultInstance());
        case TYPE_LIFECYCLE_SERVICE ->
            OperatorLifecycleGrpc.newBlockingStub(channel)
                .getCapabilities(OperatorLifecycleCapabilitiesRequest.getDefaultInstance());
        case TYPE_RECONCILER_HOOKS ->
            ReconcilerHooksGrpc.newBlockingStub(channel)
                .getCapabilities(ReconcilerHooksCapabilitiesRequest.getDefaultInstance());
        default -> throw new IllegalStateException("No plugin here serves " + capability);
      }
    }
    identity.probe(ProbeRequest.getDefaultInstance());
  }

  /** Metadata alone: the shortest way through the host. */
  static Runnable metadata(Channel channel) {
    IdentityGrpc.IdentityBlockingStub identity = IdentityGrpc.newBlockingStub(channel);
    GetPluginMetadataRequest request = GetPluginMetadataRequest.getDefaultInstance();
    return () -> identity.getPluginMetadata(request);
  }

  /** The creation of an instance's Pod. */
  static Runnable lifecycle(Channel channel, String plugin) {
    OperatorLifecycleGrpc.OperatorLifecycleBlockingStub stub =
        OperatorLifecycleGrpc.newBlockingStub(channel);
    OperatorLifecycleRequest request = lifecycleRequest(plugin);
    return () -> {
      if (stub.lifecycleHook(request).getJsonPatch().isEmpty()) {
        throw new IllegalStateException("The hook changed nothing; there is nothing to measure.");
      }
    };
  }

  /** The creation of an instance's Pod, each time of one that was never seen before. */
  static Runnable lifecycleOfNewPods(Channel channel, String plugin) {
    OperatorLifecycleGrpc.OperatorLifecycleBlockingStub stub =
        OperatorLifecycleGrpc.newBlockingStub(channel);
    OperatorLifecycleRequest request = lifecycleRequest(plugin);
    ObjectNode pod = (ObjectNode) JSON.readTree(request.getObjectDefinition().toByteArray());
    pod.withObject("/metadata/annotations").put("example.com/number", NUMBER);
    String[] around = JSON.writeValueAsString(pod).split(NUMBER);
    return () -> {
      String numbered = around[0] + PODS.incrementAndGet() + around[1];
      OperatorLifecycleRequest next =
          request.toBuilder().setObjectDefinition(ByteString.copyFromUtf8(numbered)).build();
      if (stub.lifecycleHook(next).getJsonPatch().isEmpty()) {
        throw new IllegalStateException("The hook changed nothing; there is nothing to measure.");
      }
    };
  }

  static OperatorLifecycleRequest lifecycleRequest(String plugin) {
    return OperatorLifecycleRequest.newBuilder()
        .setOperationType(
            OperatorOperationType.newBuilder().setType(OperatorOperationType.Type.TYPE_CREATE))
        .setClusterDefinition(cluster(plugin))
        .setObjectDefinition(ByteString.copyFrom(read("pod-instance-create.json")))
        .build();
  }

  /** The begin of a Cluster's loop. */
  static Runnable pre(Channel channel, String plugin) {
    ReconcilerHooksGrpc.ReconcilerHooksBlockingStub stub =
        ReconcilerHooksGrpc.newBlockingStub(channel);
    ReconcilerHooksRequest request = preRequest(plugin);
    return () -> stub.pre(request);
  }

  static ReconcilerHooksRequest preRequest(String plugin) {
    ByteString cluster = cluster(plugin);
    return ReconcilerHooksRequest.newBuilder()
        .setClusterDefinition(cluster)
        .setResourceDefinition(cluster)
        .build();
  }

  /** A running Cluster of three instances, 17 kB, that enables the plugin. */
  private static ByteString cluster(String plugin) {
    ObjectNode cluster = (ObjectNode) JSON.readTree(read("cluster-minimal.json"));
    cluster.withObject("/spec").putArray("plugins").addObject().put("name", plugin);
    return ByteString.copyFrom(JSON.writeValueAsBytes(cluster));
  }

  static byte[] read(String name) {
    try (InputStream file = OperatorCalls.class.getResourceAsStream(OBJECTS + name)) {
      if (file == null) {
        throw new IllegalStateException("The class path has no " + OBJECTS + name);
      }
      return file.readAllBytes();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
