package dev.howdah.testkit;

import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.plugin.registry.LifecycleCapability;
import dev.howdah.proto.backup.BackupCapabilitiesRequest;
import dev.howdah.proto.backup.BackupGrpc;
import dev.howdah.proto.identity.GetPluginCapabilitiesRequest;
import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.GetPluginMetadataResponse;
import dev.howdah.proto.identity.IdentityGrpc;
import dev.howdah.proto.identity.PluginCapability;
import dev.howdah.proto.identity.ProbeRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilities;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilitiesRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.metrics.MetricsCapabilitiesRequest;
import dev.howdah.proto.metrics.MetricsGrpc;
import dev.howdah.proto.operator.OperatorCapabilitiesRequest;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.postgres.PostgresCapabilitiesRequest;
import dev.howdah.proto.postgres.PostgresGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksCapabilitiesRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import dev.howdah.proto.restorejob.RestoreJobHooksCapabilitiesRequest;
import dev.howdah.proto.restorejob.RestoreJobHooksGrpc;
import dev.howdah.proto.wal.WALCapabilitiesRequest;
import dev.howdah.proto.wal.WALGrpc;
import io.grpc.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The operator's loading sequence. */
final class Loading {

  /** What the operator gives to all plugins of a Cluster together. */
  private static final Duration BUDGET = Duration.ofSeconds(5);

  private Loading() {}

  static LoadAnswer of(RunningPlugin plugin) {
    LoadedPlugin overTcp = timed(plugin, "TCP", plugin.connection().operator());
    LoadedPlugin overSocket = timed(plugin, "its socket", plugin.connection().instance());
    if (!overTcp.equals(overSocket)) {
      throw new AssertionError(
          "The plugin says of itself%n  %s%nover TCP, and over its socket%n  %s%n"
              .formatted(overTcp, overSocket));
    }
    return new LoadAnswer(overTcp);
  }

  private static LoadedPlugin timed(RunningPlugin plugin, String door, Channel channel) {
    long start = System.nanoTime();
    LoadedPlugin loaded = OperatorConnection.call(OperatorCall.LOAD, () -> load(channel));
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    if (taken.compareTo(BUDGET) > 0) {
      throw new AssertionError(
          "Loading the plugin over %s took %d ms; the operator gives 5000 ms to all plugins of a Cluster together."
              .formatted(door, taken.toMillis()));
    }
    if (!loaded.name().equals(plugin.name())) {
      throw new AssertionError(
          "The plugin asked for was '%s', the one that answered says it is '%s'; the operator wouldn't notice."
              .formatted(plugin.name(), loaded.name()));
    }
    return loaded;
  }

  private static LoadedPlugin load(Channel channel) {
    IdentityGrpc.IdentityBlockingStub identity = IdentityGrpc.newBlockingStub(channel);
    GetPluginMetadataResponse metadata =
        identity.getPluginMetadata(GetPluginMetadataRequest.getDefaultInstance());
    Set<ServiceCapability> services = EnumSet.noneOf(ServiceCapability.class);
    for (PluginCapability capability :
        identity
            .getPluginCapabilities(GetPluginCapabilitiesRequest.getDefaultInstance())
            .getCapabilitiesList()) {
      if (!capability.hasService()) {
        throw new AssertionError(
            "The plugin declares a capability without a service, which crashes the operator.");
      }
      services.add(
          ServiceCapability.valueOf(
              capability.getService().getType().name().substring("TYPE_".length())));
    }
    List<LifecycleCapability> lifecycle = new ArrayList<>();
    for (ServiceCapability service : services) {
      ask(channel, service, lifecycle);
    }
    var probe = identity.probe(ProbeRequest.getDefaultInstance());
    if (!probe.getReady()) {
      throw new AssertionError("Probe answered ready=false, which the operator ignores.");
    }
    return new LoadedPlugin(
        metadata.getName(),
        metadata.getVersion(),
        metadata.getDisplayName(),
        metadata.getDescription(),
        services,
        lifecycle);
  }

  private static void ask(
      Channel channel, ServiceCapability service, List<LifecycleCapability> lifecycle) {
    switch (service) {
      case OPERATOR_SERVICE ->
          OperatorGrpc.newBlockingStub(channel)
              .getCapabilities(OperatorCapabilitiesRequest.getDefaultInstance());
      case LIFECYCLE_SERVICE ->
          OperatorLifecycleGrpc.newBlockingStub(channel)
              .getCapabilities(OperatorLifecycleCapabilitiesRequest.getDefaultInstance())
              .getLifecycleCapabilitiesList()
              .forEach(capability -> lifecycle.add(fromWire(capability)));
      case WAL_SERVICE ->
          WALGrpc.newBlockingStub(channel)
              .getCapabilities(WALCapabilitiesRequest.getDefaultInstance());
      case BACKUP_SERVICE ->
          BackupGrpc.newBlockingStub(channel)
              .getCapabilities(BackupCapabilitiesRequest.getDefaultInstance());
      case RECONCILER_HOOKS ->
          ReconcilerHooksGrpc.newBlockingStub(channel)
              .getCapabilities(ReconcilerHooksCapabilitiesRequest.getDefaultInstance());
      case RESTORE_JOB ->
          RestoreJobHooksGrpc.newBlockingStub(channel)
              .getCapabilities(RestoreJobHooksCapabilitiesRequest.getDefaultInstance());
      case POSTGRES ->
          PostgresGrpc.newBlockingStub(channel)
              .getCapabilities(PostgresCapabilitiesRequest.getDefaultInstance());
      case METRICS ->
          MetricsGrpc.newBlockingStub(channel)
              .getCapabilities(MetricsCapabilitiesRequest.getDefaultInstance());
      case INSTANCE_SIDECAR_INJECTION, INSTANCE_JOB_SIDECAR_INJECTION -> {
        // No service is behind these.
      }
    }
  }

  private static LifecycleCapability fromWire(OperatorLifecycleCapabilities capability) {
    return new LifecycleCapability(
        capability.getGroup(),
        capability.getKind(),
        capability.getOperationTypesList().stream()
            .map(type -> type.getType().name().substring("TYPE_".length()))
            .map(LifecycleOperation::valueOf)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(LifecycleOperation.class))));
  }
}
