package dev.howdah.host.service;

import com.google.protobuf.ByteString;
import dev.howdah.host.call.BadRequest;
import dev.howdah.host.call.CallContext;
import dev.howdah.host.call.HookCall;
import dev.howdah.host.call.HookRunner;
import dev.howdah.host.call.Rpc;
import dev.howdah.host.delivery.Deliveries;
import dev.howdah.host.guard.ReconcileGuard;
import dev.howdah.plugin.cluster.Backup;
import dev.howdah.plugin.reconcile.Reconcile;
import dev.howdah.plugin.reconcile.ReconcileObserver;
import dev.howdah.plugin.reconcile.ReconcileStage;
import dev.howdah.plugin.registry.Capabilities.ReconcilerKind;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.plugin.registry.RegisteredHooks;
import dev.howdah.proto.reconciler.ReconcilerHooksCapabilitiesRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksCapabilitiesResult;
import dev.howdah.proto.reconciler.ReconcilerHooksCapability;
import dev.howdah.proto.reconciler.ReconcilerHooksGrpc;
import dev.howdah.proto.reconciler.ReconcilerHooksRequest;
import dev.howdah.proto.reconciler.ReconcilerHooksResult;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import org.springframework.stereotype.Service;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** {@code cnpgi.reconciler.v1.ReconcilerHooks}: the begin and the end of the operator's loop. */
@Service
public class ReconcilerService extends ReconcilerHooksGrpc.ReconcilerHooksImplBase {

  private static final JsonMapper JSON = JsonMapper.shared();
  private static final ReconcilerHooksResult GO_ON = toWire(Reconcile.proceed());

  private final HookRunner hooks;
  private final Deliveries deliveries;
  private final ReconcileGuard guard = new ReconcileGuard();

  /**
   * Makes the service.
   *
   * @param hooks runs hooks
   * @param deliveries takes the Clusters of Pre calls, and never changes their answer
   */
  public ReconcilerService(HookRunner hooks, Deliveries deliveries) {
    this.hooks = hooks;
    this.deliveries = deliveries;
  }

  @Override
  public void getCapabilities(
      ReconcilerHooksCapabilitiesRequest request,
      StreamObserver<ReconcilerHooksCapabilitiesResult> observer) {
    CatalogAnswers.capabilities(
        observer,
        ServiceCapability.RECONCILER_HOOKS,
        capabilities -> {
          ReconcilerHooksCapabilitiesResult.Builder answer =
              ReconcilerHooksCapabilitiesResult.newBuilder();
          capabilities.reconciler().forEach(kind -> answer.addReconcilerCapabilities(toWire(kind)));
          return answer.build();
        });
  }

  @Override
  public void pre(ReconcilerHooksRequest request, StreamObserver<ReconcilerHooksResult> observer) {
    hooks.run(Rpc.PRE, observer, GO_ON, call -> reconcile(call, ReconcileStage.PRE, request));
  }

  @Override
  public void post(ReconcilerHooksRequest request, StreamObserver<ReconcilerHooksResult> observer) {
    hooks.run(Rpc.POST, observer, GO_ON, call -> reconcile(call, ReconcileStage.POST, request));
  }

  private ReconcilerHooksResult reconcile(
      HookCall call, ReconcileStage stage, ReconcilerHooksRequest request) {
    CallContext context = call.context(call.cluster(request.getClusterDefinition()));
    String kind = kind(request.getResourceDefinition());
    if (context.uses().isEmpty()) {
      return GO_ON;
    }
    return switch (kind) {
      case "Cluster" -> {
        Reconcile answer = ofCluster(call, stage, context);
        observe(call, stage, Optional.empty(), context);
        if (stage == ReconcileStage.PRE) {
          deliveries.offer(call.pluginName(), context.cluster());
        }
        yield toWire(answer);
      }
      case "Backup" -> {
        Backup backup = call.backup(request.getResourceDefinition());
        if (backup.terminal()) {
          yield GO_ON;
        }
        Reconcile answer = ofBackup(call, stage, backup, context);
        observe(call, stage, Optional.of(backup), context);
        yield toWire(answer);
      }
      // Kinds that a newer operator may know; this plugin has never asked for them.
      default -> GO_ON;
    };
  }

  private Reconcile ofCluster(HookCall call, ReconcileStage stage, CallContext context) {
    RegisteredHooks registered = call.plugin().hooks();
    var hook =
        switch (stage) {
          case PRE -> registered.preReconcileCluster();
          case POST -> registered.postReconcileCluster();
        };
    return hook.isEmpty()
        ? Reconcile.proceed()
        : guard.check(call.pluginName(), hook.get().reconcile(context));
  }

  private Reconcile ofBackup(
      HookCall call, ReconcileStage stage, Backup backup, CallContext context) {
    RegisteredHooks registered = call.plugin().hooks();
    var hook =
        switch (stage) {
          case PRE -> registered.preReconcileBackup();
          case POST -> registered.postReconcileBackup();
        };
    return hook.isEmpty()
        ? Reconcile.proceed()
        : guard.check(call.pluginName(), hook.get().reconcile(backup, context));
  }

  private void observe(
      HookCall call, ReconcileStage stage, Optional<Backup> backup, CallContext context) {
    for (ReconcileObserver observer : call.plugin().hooks().reconcileObservers()) {
      hooks.observe(call, () -> observer.observed(stage, backup, context));
    }
  }

  private static String kind(ByteString resource) {
    try {
      return JSON.readTree(resource.toByteArray()).path("kind").asString("");
    } catch (JacksonException e) {
      throw new BadRequest("the resource in the request is not valid JSON", e);
    }
  }

  private static ReconcilerHooksResult toWire(Reconcile answer) {
    ReconcilerHooksResult.Builder result = ReconcilerHooksResult.newBuilder();
    return switch (answer) {
      case Reconcile.Proceed proceed ->
          result.setBehavior(ReconcilerHooksResult.Behavior.BEHAVIOR_CONTINUE).build();
      case Reconcile.Requeue requeue ->
          result
              .setBehavior(ReconcilerHooksResult.Behavior.BEHAVIOR_REQUEUE)
              .setRequeueAfter(requeue.after().toSeconds())
              .build();
      case Reconcile.Terminate terminate ->
          result.setBehavior(ReconcilerHooksResult.Behavior.BEHAVIOR_TERMINATE).build();
    };
  }

  private static ReconcilerHooksCapability toWire(ReconcilerKind kind) {
    return ReconcilerHooksCapability.newBuilder()
        .setKind(
            switch (kind) {
              case CLUSTER -> ReconcilerHooksCapability.Kind.KIND_CLUSTER;
              case BACKUP -> ReconcilerHooksCapability.Kind.KIND_BACKUP;
            })
        .build();
  }
}
