package dev.howdah.host.service;

import com.google.protobuf.ByteString;
import dev.howdah.host.admission.DefinitionChecks;
import dev.howdah.host.call.CallContext;
import dev.howdah.host.call.HookRunner;
import dev.howdah.host.call.Rpc;
import dev.howdah.host.guard.StatusGuard;
import dev.howdah.plugin.admission.DefaultsHook;
import dev.howdah.plugin.admission.DeregisterHook;
import dev.howdah.plugin.admission.StatusHook;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.registry.Capabilities.OperatorRpc;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.proto.operator.DeregisterRequest;
import dev.howdah.proto.operator.DeregisterResponse;
import dev.howdah.proto.operator.OperatorCapabilitiesRequest;
import dev.howdah.proto.operator.OperatorCapabilitiesResult;
import dev.howdah.proto.operator.OperatorCapability;
import dev.howdah.proto.operator.OperatorGrpc;
import dev.howdah.proto.operator.OperatorMutateClusterRequest;
import dev.howdah.proto.operator.OperatorMutateClusterResult;
import dev.howdah.proto.operator.OperatorValidateClusterChangeRequest;
import dev.howdah.proto.operator.OperatorValidateClusterChangeResult;
import dev.howdah.proto.operator.OperatorValidateClusterCreateRequest;
import dev.howdah.proto.operator.OperatorValidateClusterCreateResult;
import dev.howdah.proto.operator.SetStatusInClusterRequest;
import dev.howdah.proto.operator.SetStatusInClusterResponse;
import dev.howdah.proto.operator.ValidationError;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/**
 * {@code cnpgi.operator.v1.Operator}: validating, defaulting and reporting on a Cluster's
 * definition.
 */
@Service
public class OperatorService extends OperatorGrpc.OperatorImplBase {

  private final HookRunner hooks;
  private final DefinitionChecks checks;
  private final StatusMemory statusMemory;
  private final StatusGuard statusGuard = new StatusGuard();

  /**
   * Makes the service.
   *
   * @param hooks runs hooks
   * @param checks asks plugins about definitions
   * @param statusMemory decides whether a status is answered
   */
  public OperatorService(HookRunner hooks, DefinitionChecks checks, StatusMemory statusMemory) {
    this.hooks = hooks;
    this.checks = checks;
    this.statusMemory = statusMemory;
  }

  @Override
  public void getCapabilities(
      OperatorCapabilitiesRequest request, StreamObserver<OperatorCapabilitiesResult> observer) {
    CatalogAnswers.capabilities(
        observer,
        ServiceCapability.OPERATOR_SERVICE,
        capabilities -> {
          OperatorCapabilitiesResult.Builder answer = OperatorCapabilitiesResult.newBuilder();
          capabilities.operator().forEach(rpc -> answer.addCapabilities(toWire(rpc)));
          return answer.build();
        });
  }

  @Override
  public void validateClusterCreate(
      OperatorValidateClusterCreateRequest request,
      StreamObserver<OperatorValidateClusterCreateResult> observer) {
    hooks.run(
        Rpc.VALIDATE_CLUSTER_CREATE,
        observer,
        OperatorValidateClusterCreateResult.getDefaultInstance(),
        call -> {
          List<ValidationError> errors =
              errors(checks.create(call, call.cluster(request.getDefinition())));
          return OperatorValidateClusterCreateResult.newBuilder()
              .addAllValidationErrors(errors)
              .build();
        });
  }

  @Override
  public void validateClusterChange(
      OperatorValidateClusterChangeRequest request,
      StreamObserver<OperatorValidateClusterChangeResult> observer) {
    hooks.run(
        Rpc.VALIDATE_CLUSTER_CHANGE,
        observer,
        OperatorValidateClusterChangeResult.getDefaultInstance(),
        call -> {
          Cluster before = call.cluster(request.getOldCluster());
          Cluster after = call.cluster(request.getNewCluster());
          return OperatorValidateClusterChangeResult.newBuilder()
              .addAllValidationErrors(errors(checks.change(call, before, after)))
              .build();
        });
  }

  @Override
  public void mutateCluster(
      OperatorMutateClusterRequest request, StreamObserver<OperatorMutateClusterResult> observer) {
    hooks.run(
        Rpc.MUTATE_CLUSTER,
        observer,
        OperatorMutateClusterResult.getDefaultInstance(),
        call -> {
          DefaultsHook hook = Offers.require(call, call.plugin().hooks().defaults());
          Cluster cluster = call.cluster(request.getDefinition());
          byte[] patch = checks.defaults(call, hook, cluster);
          return OperatorMutateClusterResult.newBuilder()
              .setJsonPatch(ByteString.copyFrom(patch))
              .build();
        });
  }

  @Override
  public void setStatusInCluster(
      SetStatusInClusterRequest request, StreamObserver<SetStatusInClusterResponse> observer) {
    hooks.run(
        Rpc.SET_STATUS_IN_CLUSTER,
        observer,
        SetStatusInClusterResponse.getDefaultInstance(),
        call -> {
          StatusHook hook = Offers.require(call, call.plugin().hooks().status());
          Cluster cluster = call.cluster(request.getCluster());
          CallContext context = call.context(cluster);
          if (context.uses().isEmpty()) {
            return SetStatusInClusterResponse.getDefaultInstance();
          }
          @Nullable Optional<?> status = hook.status(context);
          if (status != null && status.isEmpty()) {
            return SetStatusInClusterResponse.getDefaultInstance();
          }
          byte[] json =
              statusGuard.check(call.pluginName(), cluster, status == null ? null : status.get());
          return statusMemory.shallAnswer(call.pluginName(), cluster, json)
              ? SetStatusInClusterResponse.newBuilder()
                  .setJsonStatus(ByteString.copyFrom(json))
                  .build()
              : SetStatusInClusterResponse.getDefaultInstance();
        });
  }

  @Override
  public void deregister(DeregisterRequest request, StreamObserver<DeregisterResponse> observer) {
    hooks.run(
        Rpc.DEREGISTER,
        observer,
        DeregisterResponse.getDefaultInstance(),
        call -> {
          DeregisterHook hook = Offers.require(call, call.plugin().hooks().deregister());
          hook.deregister(call.context(call.cluster(request.getDefinition())));
          return DeregisterResponse.getDefaultInstance();
        });
  }

  /** Only errors: the wire has no place for warnings. */
  private static List<ValidationError> errors(List<ValidationFinding> findings) {
    return findings.stream()
        .filter(finding -> finding.severity() == ValidationFinding.Severity.ERROR)
        .map(
            finding ->
                ValidationError.newBuilder()
                    .addAllPathComponents(finding.path())
                    .setValue(finding.value())
                    .setMessage(finding.message())
                    .build())
        .toList();
  }

  private static OperatorCapability toWire(OperatorRpc rpc) {
    OperatorCapability.RPC.Type type =
        switch (rpc) {
          case VALIDATE_CLUSTER_CREATE -> OperatorCapability.RPC.Type.TYPE_VALIDATE_CLUSTER_CREATE;
          case VALIDATE_CLUSTER_CHANGE -> OperatorCapability.RPC.Type.TYPE_VALIDATE_CLUSTER_CHANGE;
          case MUTATE_CLUSTER -> OperatorCapability.RPC.Type.TYPE_MUTATE_CLUSTER;
          case SET_STATUS_IN_CLUSTER -> OperatorCapability.RPC.Type.TYPE_SET_STATUS_IN_CLUSTER;
          case DEREGISTER -> OperatorCapability.RPC.Type.TYPE_DEREGISTER;
        };
    return OperatorCapability.newBuilder()
        .setRpc(OperatorCapability.RPC.newBuilder().setType(type))
        .build();
  }
}
