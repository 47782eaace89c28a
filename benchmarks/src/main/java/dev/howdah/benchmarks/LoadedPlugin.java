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
import dev.howdah.proto.operator.OperatorCapability;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.operator.SetStatusInClusterRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksCapabilitiesRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksCapability;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksResult;
import io.grpc.ManagedChannel;
import io.grpc.stub.AbstractStub;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * One connection of the operator's pool with the capabilities that were read when it was made. They
 * are kept through reconnects, as the operator keeps them.
 */
final class LoadedPlugin {

  private static final int CALL_SECONDS = 30;

  private final String plugin;
  private final ManagedChannel channel;
  private final FleetTally tally;
  private final Set<PluginCapability.Service.Type> services =
      EnumSet.noneOf(PluginCapability.Service.Type.class);
  private boolean evaluatesPods;
  private boolean reconcilesClusters;
  private boolean setsStatus;

  private LoadedPlugin(String plugin, ManagedChannel channel, FleetTally tally) {
    this.plugin = plugin;
    this.channel = channel;
    this.tally = tally;
  }

  /**
   * Loads a plugin over a new connection, in the order of the operator.
   *
   * @throws io.grpc.StatusRuntimeException if a call fails; the connection is closed then
   */
  static LoadedPlugin load(String plugin, ManagedChannel channel, FleetTally tally) {
    LoadedPlugin loaded = new LoadedPlugin(plugin, channel, tally);
    try {
      loaded.readCapabilities();
      return loaded;
    } catch (RuntimeException failed) {
      channel.shutdownNow();
      throw failed;
    }
  }

  private void readCapabilities() {
    stub(IdentityGrpc.newBlockingStub(channel))
        .getPluginMetadata(GetPluginMetadataRequest.getDefaultInstance());
    stub(IdentityGrpc.newBlockingStub(channel))
        .getPluginCapabilities(GetPluginCapabilitiesRequest.getDefaultInstance())
        .getCapabilitiesList()
        .forEach(it -> services.add(it.getService().getType()));
    if (services.contains(PluginCapability.Service.Type.TYPE_OPERATOR_SERVICE)) {
      setsStatus =
          stub(OperatorGrpc.newBlockingStub(channel))
              .getCapabilities(OperatorCapabilitiesRequest.getDefaultInstance())
              .getCapabilitiesList()
              .stream()
              .anyMatch(
                  it ->
                      it.getRpc().getType()
                          == OperatorCapability.RPC.Type.TYPE_SET_STATUS_IN_CLUSTER);
    }
    if (services.contains(PluginCapability.Service.Type.TYPE_LIFECYCLE_SERVICE)) {
      evaluatesPods =
          stub(OperatorLifecycleGrpc.newBlockingStub(channel))
              .getCapabilities(OperatorLifecycleCapabilitiesRequest.getDefaultInstance())
              .getLifecycleCapabilitiesList()
              .stream()
              .filter(it -> it.getKind().equals("Pod") && it.getGroup().isEmpty())
              .flatMap(it -> it.getOperationTypesList().stream())
              .anyMatch(it -> it.getType() == OperatorOperationType.Type.TYPE_EVALUATE);
    }
    if (services.contains(PluginCapability.Service.Type.TYPE_RECONCILER_HOOKS)) {
      reconcilesClusters =
          stub(ReconcilerHooksGrpc.newBlockingStub(channel))
              .getCapabilities(ReconcilerHooksCapabilitiesRequest.getDefaultInstance())
              .getReconcilerCapabilitiesList()
              .stream()
              .anyMatch(it -> it.getKind() == ReconcilerHooksCapability.Kind.KIND_CLUSTER);
    }
  }

  /** Fails if the connection must not be used any more. */
  void probe() {
    stub(IdentityGrpc.newBlockingStub(channel)).probe(ProbeRequest.getDefaultInstance());
  }

  void pre(FleetClusters.Item cluster) {
    if (reconcilesClusters) {
      mustContinue(stub(ReconcilerHooksGrpc.newBlockingStub(channel)).pre(request(cluster)));
    }
  }

  void post(FleetClusters.Item cluster) {
    if (reconcilesClusters) {
      mustContinue(stub(ReconcilerHooksGrpc.newBlockingStub(channel)).post(request(cluster)));
    }
  }

  private static ReconcilerHooksRequest request(FleetClusters.Item cluster) {
    return ReconcilerHooksRequest.newBuilder()
        .setClusterDefinition(cluster.definition())
        .setResourceDefinition(cluster.definition())
        .build();
  }

  private void mustContinue(ReconcilerHooksResult result) {
    if (result.getBehavior() != ReconcilerHooksResult.Behavior.BEHAVIOR_CONTINUE) {
      tally.failed("%s ended a loop: %s".formatted(plugin, result.getBehavior()));
    }
  }

  /** Whether the instances would be made anew the same: asked for each in every loop. */
  void evaluate(FleetClusters.Item cluster) {
    if (!evaluatesPods) {
      return;
    }
    for (int i = 0; i < cluster.pods().size(); i++) {
      ByteString patch =
          stub(OperatorLifecycleGrpc.newBlockingStub(channel))
              .lifecycleHook(
                  OperatorLifecycleRequest.newBuilder()
                      .setOperationType(
                          OperatorOperationType.newBuilder()
                              .setType(OperatorOperationType.Type.TYPE_EVALUATE))
                      .setClusterDefinition(cluster.definition())
                      .setObjectDefinition(cluster.pods().get(i))
                      .build())
              .getJsonPatch();
      tally.answered("%s %s-%d".formatted(plugin, cluster.name(), i), patch);
    }
  }

  void setStatus(FleetClusters.Item cluster) {
    if (setsStatus) {
      stub(OperatorGrpc.newBlockingStub(channel))
          .setStatusInCluster(
              SetStatusInClusterRequest.newBuilder().setCluster(cluster.definition()).build());
    }
  }

  void close() {
    channel.shutdownNow();
  }

  private <S extends AbstractStub<S>> S stub(S stub) {
    tally.called();
    return stub.withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS);
  }
}
