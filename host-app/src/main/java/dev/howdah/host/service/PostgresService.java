package dev.howdah.host.service;

import dev.howdah.host.call.BadRequest;
import dev.howdah.host.call.CallContext;
import dev.howdah.host.call.HookCall;
import dev.howdah.host.call.HookRunner;
import dev.howdah.host.call.Rpc;
import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.compose.EnrichmentFold;
import dev.howdah.host.compose.EnrichmentStep;
import dev.howdah.host.guard.ConfigurationGuard;
import dev.howdah.host.sidecar.EnrichmentActivation;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.cluster.PluginEntry;
import dev.howdah.plugin.postgres.ConfigurationOperation;
import dev.howdah.plugin.postgres.EnrichConfigurationHook;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.proto.postgres.EnrichConfigurationRequest;
import dev.howdah.proto.postgres.EnrichConfigurationResult;
import dev.howdah.proto.postgres.OperationType;
import dev.howdah.proto.postgres.PostgresCapabilitiesRequest;
import dev.howdah.proto.postgres.PostgresCapabilitiesResult;
import dev.howdah.proto.postgres.PostgresCapability;
import dev.howdah.proto.postgres.PostgresGrpc;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.stereotype.Service;

/**
 * {@code cnpgi.identity.v1.Postgres}: PostgreSQL's configuration inside the instance. Each answer
 * holds what all hosted plugins that sort before the asked one add, too, since the operator keeps
 * the last answer only.
 */
@Service
public class PostgresService extends PostgresGrpc.PostgresImplBase {

  private final HookRunner hooks;
  private final PluginCatalog catalog;
  private final EnrichmentActivation activation;
  private final EnrichmentFold fold = new EnrichmentFold(new ConfigurationGuard());

  /**
   * Makes the service.
   *
   * @param hooks runs hooks
   * @param catalog the plugins whose additions are chained
   * @param activation says which of them are active in a Cluster, and in which revision
   */
  public PostgresService(HookRunner hooks, PluginCatalog catalog, EnrichmentActivation activation) {
    this.hooks = hooks;
    this.catalog = catalog;
    this.activation = activation;
  }

  @Override
  public void getCapabilities(
      PostgresCapabilitiesRequest request, StreamObserver<PostgresCapabilitiesResult> observer) {
    CatalogAnswers.capabilities(
        observer,
        ServiceCapability.POSTGRES,
        capabilities ->
            PostgresCapabilitiesResult.newBuilder()
                .addCapabilities(
                    PostgresCapability.newBuilder()
                        .setRpc(
                            PostgresCapability.RPC
                                .newBuilder()
                                .setType(PostgresCapability.RPC.Type.TYPE_ENRICH_CONFIGURATION)))
                .build());
  }

  @Override
  public void enrichConfiguration(
      EnrichConfigurationRequest request, StreamObserver<EnrichConfigurationResult> observer) {
    hooks.run(
        Rpc.ENRICH_CONFIGURATION,
        observer,
        null,
        call -> {
          Cluster cluster = call.cluster(request.getClusterDefinition());
          ConfigurationOperation operation = operation(request.getOperationType().getType());
          CallContext context = call.context(cluster);
          Map<String, EnrichmentStep> steps = steps(call, context, operation);
          if (!steps.containsKey(call.pluginName())) {
            return EnrichConfigurationResult.getDefaultInstance();
          }
          return EnrichConfigurationResult.newBuilder()
              .putAllConfigs(fold.fold(call.pluginName(), steps, request.getConfigsMap()))
              .build();
        });
  }

  private SortedMap<String, EnrichmentStep> steps(
      HookCall call, CallContext context, ConfigurationOperation operation) {
    Cluster cluster = context.cluster();
    EnrichmentActivation.Active active = activation.of(cluster);
    SortedMap<String, EnrichmentStep> steps = new TreeMap<>();
    for (PluginHandle handle : catalog.all()) {
      if (!enabled(cluster, handle.name())) {
        continue;
      }
      Optional<HostedPlugin> serving = handle.serving();
      if (serving.isEmpty()) {
        // Its part would be missing here and not elsewhere: better no answer than another one.
        if (active.named(handle.id())) {
          steps.put(handle.name(), notServing());
        }
        continue;
      }
      HostedPlugin plugin = serving.get();
      active
          .revision(handle.id(), plugin.hooks().enrichment())
          .ifPresent(
              revision ->
                  steps.put(
                      handle.name(), step(call, handle, plugin, context, operation, revision)));
    }
    return steps;
  }

  private static EnrichmentStep notServing() {
    return configuration -> {
      throw new PluginException(PluginException.Kind.UNAVAILABLE, "it doesn't serve here");
    };
  }

  /** A plugin that merely provides an external cluster has no say in this one's configuration. */
  private static boolean enabled(Cluster cluster, String plugin) {
    return cluster.plugins().stream()
        .filter(entry -> entry.name().equals(plugin))
        .reduce((first, last) -> last)
        .filter(PluginEntry::enabled)
        .isPresent();
  }

  private EnrichmentStep step(
      HookCall call,
      PluginHandle handle,
      HostedPlugin plugin,
      CallContext context,
      ConfigurationOperation operation,
      int revision) {
    EnrichConfigurationHook hook = plugin.hooks().enrichment().get(revision);
    if (hook == null) {
      String known =
          plugin.hooks().enrichment().keySet().stream()
              .map(String::valueOf)
              .collect(Collectors.joining(", "));
      return configuration -> {
        throw new PluginException(
            PluginException.Kind.PRECONDITION,
            "revision %d of its enrichment is active in the Cluster; this sidecar has %s"
                .formatted(revision, known));
      };
    }
    if (handle == call.handle()) {
      return configuration -> hook.enrich(configuration, operation, context);
    }
    return configuration ->
        hooks.nested(
            call,
            handle,
            plugin,
            other -> hook.enrich(configuration, operation, other.context(context.cluster())));
  }

  private static ConfigurationOperation operation(OperationType.Type type) {
    return switch (type) {
      case TYPE_INIT -> ConfigurationOperation.INIT;
      case TYPE_RESTORE -> ConfigurationOperation.RESTORE;
      case TYPE_RECONCILE -> ConfigurationOperation.RECONCILE;
      case TYPE_UPGRADE -> ConfigurationOperation.UPGRADE;
      case TYPE_UNSPECIFIED, UNRECOGNIZED ->
          throw new BadRequest(
              "its operation type must be one of INIT, RESTORE, RECONCILE and UPGRADE");
    };
  }
}
