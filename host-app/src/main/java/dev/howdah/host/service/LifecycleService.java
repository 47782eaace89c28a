package dev.howdah.host.service;

import com.google.protobuf.ByteString;
import dev.howdah.host.call.BadRequest;
import dev.howdah.host.call.CallContext;
import dev.howdah.host.call.HookCall;
import dev.howdah.host.call.HookRunner;
import dev.howdah.host.call.Rpc;
import dev.howdah.host.guard.OperatorObject;
import dev.howdah.host.guard.PatchGuard;
import dev.howdah.host.sidecar.SharedSidecar;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.lifecycle.ObjectType;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.plugin.registry.LifecycleCapability;
import dev.howdah.plugin.registry.LifecycleRegistration;
import dev.howdah.plugin.registry.ObserverRegistration;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilities;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilitiesRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleCapabilitiesResponse;
import dev.howdah.proto.lifecycle.OperatorLifecycleGrpc;
import dev.howdah.proto.lifecycle.OperatorLifecycleRequest;
import dev.howdah.proto.lifecycle.OperatorLifecycleResponse;
import dev.howdah.proto.lifecycle.OperatorOperationType;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import org.springframework.stereotype.Service;

/**
 * {@code cnpgi.operator_lifecycle.v1.OperatorLifecycle}: Kubernetes objects that the operator is
 * about to write.
 */
@Service
public class LifecycleService extends OperatorLifecycleGrpc.OperatorLifecycleImplBase {

  private static final List<ObjectType<?>> SIDECAR_CARRIERS =
      List.of(ObjectType.of(Pod.class), ObjectType.of(Job.class));

  private final HookRunner hooks;
  private final SharedSidecar sidecar;
  private final PatchGuard guard = new PatchGuard();

  /**
   * Makes the service.
   *
   * @param hooks runs hooks
   * @param sidecar adds the shared sidecar to Pods and Jobs
   */
  public LifecycleService(HookRunner hooks, SharedSidecar sidecar) {
    this.hooks = hooks;
    this.sidecar = sidecar;
  }

  @Override
  public void getCapabilities(
      OperatorLifecycleCapabilitiesRequest request,
      StreamObserver<OperatorLifecycleCapabilitiesResponse> observer) {
    CatalogAnswers.capabilities(
        observer,
        ServiceCapability.LIFECYCLE_SERVICE,
        capabilities -> {
          OperatorLifecycleCapabilitiesResponse.Builder answer =
              OperatorLifecycleCapabilitiesResponse.newBuilder();
          capabilities.lifecycle().forEach(it -> answer.addLifecycleCapabilities(toWire(it)));
          return answer.build();
        });
  }

  @Override
  public void lifecycleHook(
      OperatorLifecycleRequest request, StreamObserver<OperatorLifecycleResponse> observer) {
    hooks.run(
        Rpc.LIFECYCLE_HOOK,
        observer,
        null,
        call -> {
          LifecycleOperation operation = operation(request.getOperationType().getType());
          Cluster cluster = call.cluster(request.getClusterDefinition());
          OperatorObject object = call.decode(request.getObjectDefinition(), OperatorObject::parse);
          CallContext context = call.context(cluster, operation);
          if (context.uses().isEmpty()) {
            return OperatorLifecycleResponse.getDefaultInstance();
          }
          byte[] patch = patch(call, context, object);
          notifyObservers(call, context, object);
          return OperatorLifecycleResponse.newBuilder()
              .setJsonPatch(ByteString.copyFrom(patch))
              .build();
        });
  }

  private byte[] patch(HookCall call, CallContext context, OperatorObject object) {
    List<LifecycleRegistration<?>> matching =
        call.plugin().hooks().lifecycle().stream()
            .filter(it -> is(object, it.type()))
            .filter(it -> it.operations().contains(context.operation()))
            .toList();
    Optional<Class<? extends HasMetadata>> carrier = sidecarCarrier(object, context);
    if (matching.isEmpty() && carrier.isEmpty()) {
      return new byte[0];
    }
    HasMetadata current =
        decode(object, carrier.orElseGet(() -> matching.getFirst().type().model()));
    // Before the plugin's own hooks, so that these can give the sidecar what it needs of Secrets.
    boolean added = carrier.isPresent() && sidecar.addTo(context.cluster(), current);
    if (matching.isEmpty() && !added) {
      return new byte[0];
    }
    for (LifecycleRegistration<?> hook : matching) {
      current = apply(hook, current, context);
    }
    return guard.lifecyclePatch(call.pluginName(), object, current);
  }

  /** How to decode an object that may get the sidecar; only what is about to be made may. */
  private static Optional<Class<? extends HasMetadata>> sidecarCarrier(
      OperatorObject object, CallContext context) {
    if (context.operation() != LifecycleOperation.CREATE
        && context.operation() != LifecycleOperation.EVALUATE) {
      return Optional.empty();
    }
    return SIDECAR_CARRIERS.stream()
        .filter(type -> is(object, type))
        .findFirst()
        .map(ObjectType::model);
  }

  private static HasMetadata decode(OperatorObject object, Class<? extends HasMetadata> model) {
    try {
      return object.as(model);
    } catch (PluginException e) {
      throw new BadRequest(String.valueOf(e.getMessage()), e);
    }
  }

  private static <T extends HasMetadata> HasMetadata apply(
      LifecycleRegistration<T> hook, HasMetadata object, CallContext context) {
    return hook.hook().apply(hook.type().model().cast(object), context);
  }

  private void notifyObservers(HookCall call, CallContext context, OperatorObject object) {
    for (ObserverRegistration<?> observer : call.plugin().hooks().observers()) {
      if (is(object, observer.type()) && observer.operations().contains(context.operation())) {
        hooks.observe(call, () -> observe(observer, context, object));
      }
    }
  }

  private static <T extends HasMetadata> void observe(
      ObserverRegistration<T> observer, CallContext context, OperatorObject object) {
    observer.observer().observed(object.as(observer.type().model()), context);
  }

  private static LifecycleOperation operation(OperatorOperationType.Type type) {
    return switch (type) {
      case TYPE_CREATE -> LifecycleOperation.CREATE;
      case TYPE_EVALUATE -> LifecycleOperation.EVALUATE;
      case TYPE_UPDATE -> LifecycleOperation.UPDATE;
      case TYPE_PATCH -> LifecycleOperation.PATCH;
      case TYPE_DELETE -> LifecycleOperation.DELETE;
      case TYPE_DEREGISTER, TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw new BadRequest(
              "its operation type must be one of CREATE, EVALUATE, UPDATE, PATCH and DELETE");
    };
  }

  private static OperatorLifecycleCapabilities toWire(LifecycleCapability capability) {
    OperatorLifecycleCapabilities.Builder answer =
        OperatorLifecycleCapabilities.newBuilder()
            .setGroup(capability.group())
            .setKind(capability.kind());
    capability
        .operations()
        .forEach(
            operation ->
                answer.addOperationTypes(
                    OperatorOperationType.newBuilder().setType(toWire(operation))));
    return answer.build();
  }

  private static OperatorOperationType.Type toWire(LifecycleOperation operation) {
    return switch (operation) {
      case CREATE -> OperatorOperationType.Type.TYPE_CREATE;
      case EVALUATE -> OperatorOperationType.Type.TYPE_EVALUATE;
      case UPDATE -> OperatorOperationType.Type.TYPE_UPDATE;
      case PATCH -> OperatorOperationType.Type.TYPE_PATCH;
      case DELETE -> OperatorOperationType.Type.TYPE_DELETE;
    };
  }

  private static boolean is(OperatorObject object, ObjectType<?> type) {
    return object.group().equals(type.group()) && object.kind().equals(type.kind());
  }
}
