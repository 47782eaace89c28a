package dev.howdah.host.service;

import dev.howdah.host.call.CallScope;
import dev.howdah.host.call.Unavailable;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.proto.identity.GetPluginCapabilitiesRequest;
import dev.howdah.proto.identity.GetPluginCapabilitiesResponse;
import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.GetPluginMetadataResponse;
import dev.howdah.proto.identity.IdentityGrpc;
import dev.howdah.proto.identity.PluginCapability;
import dev.howdah.proto.identity.ProbeRequest;
import dev.howdah.proto.identity.ProbeResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import org.springframework.stereotype.Service;

/** {@code cnpgi.identity.v1.Identity}: who a plugin is, what it declares, whether it can work. */
@Service
public class IdentityService extends IdentityGrpc.IdentityImplBase {

  @Override
  public void getPluginMetadata(
      GetPluginMetadataRequest request, StreamObserver<GetPluginMetadataResponse> observer) {
    CatalogAnswers.answer(observer, plugin -> toWire(plugin.metadata()));
  }

  @Override
  public void getPluginCapabilities(
      GetPluginCapabilitiesRequest request,
      StreamObserver<GetPluginCapabilitiesResponse> observer) {
    CallScope scope = CallScope.current();
    scope.memory().loaded(scope.plugin().id());
    CatalogAnswers.answer(
        observer,
        plugin -> {
          GetPluginCapabilitiesResponse.Builder answer = GetPluginCapabilitiesResponse.newBuilder();
          plugin.capabilities().services().forEach(it -> answer.addCapabilities(toWire(it)));
          return answer.build();
        });
  }

  /** Fails when the plugin isn't ready, since the operator looks at nothing but the status code. */
  @Override
  public void probe(ProbeRequest request, StreamObserver<ProbeResponse> observer) {
    CallScope scope = CallScope.current();
    PluginHandle plugin = scope.plugin();
    if (plugin.serving().isEmpty()) {
      observer.onError(Unavailable.of(plugin).asRuntimeException());
      return;
    }
    if (scope.memory().mustReload(plugin.id())) {
      unavailable(
          observer,
          "This connection has not asked for the capabilities of '%s'; load the plugin again."
              .formatted(plugin.name()));
      return;
    }
    Optional<String> notReady = plugin.notReady();
    if (notReady.isPresent()) {
      unavailable(
          observer, "The plugin '%s' isn't ready: %s".formatted(plugin.name(), notReady.get()));
      return;
    }
    observer.onNext(ProbeResponse.newBuilder().setReady(true).build());
    observer.onCompleted();
  }

  private static void unavailable(StreamObserver<ProbeResponse> observer, String message) {
    observer.onError(Status.UNAVAILABLE.withDescription(message).asRuntimeException());
  }

  private static GetPluginMetadataResponse toWire(PluginMetadata metadata) {
    return GetPluginMetadataResponse.newBuilder()
        .setName(metadata.name())
        .setVersion(metadata.version())
        .setDisplayName(metadata.displayName())
        .setDescription(metadata.description())
        .setProjectUrl(metadata.projectUrl())
        .setRepositoryUrl(metadata.repositoryUrl())
        .setLicense(metadata.license())
        .setLicenseUrl(metadata.licenseUrl())
        .setMaturity(metadata.maturityName())
        .setVendor(metadata.vendor())
        .putAllManifest(metadata.manifest())
        .build();
  }

  private static PluginCapability toWire(ServiceCapability capability) {
    PluginCapability.Service.Type type =
        switch (capability) {
          case OPERATOR_SERVICE -> PluginCapability.Service.Type.TYPE_OPERATOR_SERVICE;
          case WAL_SERVICE -> PluginCapability.Service.Type.TYPE_WAL_SERVICE;
          case BACKUP_SERVICE -> PluginCapability.Service.Type.TYPE_BACKUP_SERVICE;
          case LIFECYCLE_SERVICE -> PluginCapability.Service.Type.TYPE_LIFECYCLE_SERVICE;
          case RECONCILER_HOOKS -> PluginCapability.Service.Type.TYPE_RECONCILER_HOOKS;
          case RESTORE_JOB -> PluginCapability.Service.Type.TYPE_RESTORE_JOB;
          case POSTGRES -> PluginCapability.Service.Type.TYPE_POSTGRES;
          case INSTANCE_SIDECAR_INJECTION ->
              PluginCapability.Service.Type.TYPE_INSTANCE_SIDECAR_INJECTION;
          case INSTANCE_JOB_SIDECAR_INJECTION ->
              PluginCapability.Service.Type.TYPE_INSTANCE_JOB_SIDECAR_INJECTION;
          case METRICS -> PluginCapability.Service.Type.TYPE_METRICS;
        };
    return PluginCapability.newBuilder()
        .setService(PluginCapability.Service.newBuilder().setType(type))
        .build();
  }
}
