package dev.howdah.host;

import dev.howdah.host.admission.Admission;
import dev.howdah.host.admission.AdmissionWebhooks;
import dev.howdah.host.admission.DefinitionChecks;
import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.call.CallPipeline;
import dev.howdah.host.call.CallTracing;
import dev.howdah.host.call.ConnectionMemory;
import dev.howdah.host.call.FatalErrors;
import dev.howdah.host.call.HookRunner;
import dev.howdah.host.call.InnerCalls;
import dev.howdah.host.call.RpcSettings;
import dev.howdah.host.call.RunawayHooks;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.changes.RecordedChanges;
import dev.howdah.host.config.ConfigurationException;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.KnownKeys;
import dev.howdah.host.discovery.BoundPluginConfiguration;
import dev.howdah.host.discovery.ClassPathDoor;
import dev.howdah.host.discovery.DropInCheck;
import dev.howdah.host.discovery.DropInDoor;
import dev.howdah.host.discovery.DropInSource;
import dev.howdah.host.discovery.LeakWatch;
import dev.howdah.host.discovery.PluginContexts;
import dev.howdah.host.discovery.PluginDoor;
import dev.howdah.host.discovery.PluginStarter;
import dev.howdah.host.discovery.ReadinessWatch;
import dev.howdah.host.guard.GuardViolations;
import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.host.listen.ListenEvents;
import dev.howdah.host.listen.ListenMetrics;
import dev.howdah.host.parameters.ParameterChecks;
import dev.howdah.host.parameters.RecordParameterBinder;
import dev.howdah.host.route.Router;
import dev.howdah.host.service.StatusMemory;
import dev.howdah.host.sidecar.SharedSidecar;
import dev.howdah.plugin.audit.AuditPublisher;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.grpc.server.GrpcServerFactory;
import org.springframework.grpc.server.service.GrpcServiceConfigurer;
import org.springframework.grpc.server.service.GrpcServiceDiscoverer;

/** Puts the rooms together; what belongs to whom is written down here and nowhere else. */
@Configuration(proxyBeanMethods = false)
class HostConfiguration {

  @Bean
  @ConditionalOnMissingBean
  Clock clock() {
    return Clock.systemUTC();
  }

  /** Before anything is made: a misspelt key ends the start. */
  @Bean
  static BeanFactoryPostProcessor knownKeys(Environment environment) {
    return factory -> {
      KnownKeys.check(environment);
      if (environment.containsProperty("management.server.port")) {
        // A web server of its own would not know who may see what.
        throw new ConfigurationException(
            "management.server.port isn't supported: the actuator listens on server.address and"
                + " server.port (or --http-address).");
      }
    };
  }

  @Bean
  PluginCatalog pluginCatalog(Clock clock, List<PluginHandle.Listener> listeners) {
    return new PluginCatalog(clock, listeners);
  }

  @Bean
  RecordParameterBinder parameterBinder() {
    return new RecordParameterBinder();
  }

  @Bean
  ParameterChecks parameterChecks(RecordParameterBinder binder) {
    return new ParameterChecks(binder);
  }

  @Bean
  StatusMemory statusMemory(HowdahProperties properties) {
    return new StatusMemory(properties.status().mode());
  }

  @Bean
  GuardViolations guardViolations(MeterRegistry meters) {
    return new GuardViolations(meters);
  }

  @Bean
  @ConditionalOnMissingBean
  FatalErrors fatalErrors() {
    return FatalErrors.HALT;
  }

  /** Ends late calls and asks for readiness; never runs a plugin's code. */
  @Bean(destroyMethod = "shutdownNow")
  ScheduledExecutorService hostTimer() {
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1, task -> Thread.ofPlatform().name("howdah-timer").daemon().unstarted(task));
    timer.setRemoveOnCancelPolicy(true);
    return timer;
  }

  @Bean
  HookRunner hookRunner(
      HowdahProperties properties,
      RecordParameterBinder binder,
      GuardViolations violations,
      MeterRegistry meters,
      ScheduledExecutorService hostTimer,
      FatalErrors fatalErrors) {
    RpcSettings.check(properties);
    return new HookRunner(properties, binder, violations, meters, hostTimer, fatalErrors);
  }

  @Bean
  RunawayHooks runawayHooks(PluginCatalog catalog) {
    return new RunawayHooks(catalog);
  }

  @Bean
  DefinitionChecks definitionChecks(ParameterChecks parameters) {
    return new DefinitionChecks(parameters);
  }

  @Bean(destroyMethod = "close")
  AdmissionWebhooks admissionWebhooks(
      HowdahProperties properties,
      PluginCatalog catalog,
      HookRunner hooks,
      DefinitionChecks checks,
      RecordParameterBinder binder,
      Optional<CallTracing> tracing,
      Optional<AuditTrail> trail,
      RecordedChanges noted,
      MeterRegistry meters,
      ScheduledExecutorService hostTimer) {
    return Admission.webhooks(
        catalog,
        new InnerCalls(hooks, meters, tracing, trail, hostTimer),
        checks,
        binder,
        trail,
        noted,
        properties.mode().label(),
        meters,
        properties.admission().timeout());
  }

  @Bean
  AdmissionEndpoint admissionEndpoint(
      HowdahProperties properties,
      HostEndpoint host,
      AdmissionWebhooks webhooks,
      SslBundles bundles,
      ListenMetrics metrics) {
    return new AdmissionEndpoint(properties, host, webhooks, bundles, metrics.ofWebhooks());
  }

  @Bean
  CallPipeline callPipeline(
      HowdahProperties properties,
      PluginCatalog catalog,
      MeterRegistry meters,
      Optional<CallTracing> tracing,
      Optional<AuditTrail> trail) {
    return new CallPipeline(
        new Router(catalog, properties.routeByHeader()), meters, tracing, trail, properties.mode());
  }

  /**
   * What plugins may have injected: the parent of every plugin's context, and all of the host that
   * they see.
   */
  @Bean(destroyMethod = "close")
  PluginContexts.Exports pluginExports(
      Clock clock, MeterRegistry meters, KubernetesApi kubernetes) {
    GenericApplicationContext exports = new GenericApplicationContext();
    exports.setDisplayName("exports to plugins");
    exports.registerBean(Clock.class, () -> clock);
    exports.registerBean(MeterRegistry.class, () -> meters);
    if (kubernetes.available()) {
      exports.registerBean(
          KubernetesClient.class,
          () -> kubernetes.client().orElseThrow(),
          definition -> {
            // Made when the first plugin asks for it, and closed with the host, not with this.
            definition.setLazyInit(true);
            definition.setDestroyMethodName("");
          });
    }
    exports.refresh();
    return new PluginContexts.Exports(exports);
  }

  @Bean
  PluginContexts pluginContexts(
      PluginContexts.Exports exports,
      HowdahProperties properties,
      Environment environment,
      Optional<AuditTrail> trail) {
    String mode = properties.mode().label();
    return new PluginContexts(
        exports,
        id -> new BoundPluginConfiguration(id, environment),
        plugin -> trail.map(kept -> kept.publisher(plugin, mode)).orElseGet(AuditPublisher::none));
  }

  @Bean
  @Order(0)
  PluginDoor classPathDoor(HowdahProperties properties, PluginContexts contexts) {
    return new ClassPathDoor(
        properties.discovery().packages(), HostConfiguration.class.getClassLoader(), contexts);
  }

  @Bean
  @Order(1)
  PluginDoor dropInDoor(HowdahProperties properties, PluginContexts contexts) {
    return new DropInDoor(
        Optional.of(properties.dropInDirectory()),
        properties.discovery().plugins().stream().map(DropInSource::parse).toList(),
        DropInCheck.ofHost(properties.discovery().verification()),
        HostConfiguration.class.getClassLoader(),
        contexts);
  }

  @Bean
  PluginStarter pluginStarter(
      HowdahProperties properties,
      PluginCatalog catalog,
      ObjectProvider<PluginDoor> doors,
      SharedSidecar sidecar,
      MeterRegistry meters) {
    return new PluginStarter(
        properties,
        catalog,
        doors.orderedStream().toList(),
        new LeakWatch(meters),
        sidecar::carries);
  }

  @Bean
  ReadinessWatch readinessWatch(
      HowdahProperties properties,
      PluginCatalog catalog,
      ScheduledExecutorService hostTimer,
      FatalErrors fatalErrors) {
    return new ReadinessWatch(
        catalog, hostTimer, properties.start().readinessInterval(), fatalErrors);
  }

  @Bean
  ListenMetrics listenEvents(MeterRegistry meters) {
    return new ListenMetrics(meters);
  }

  /**
   * Everything that is served. Finding the services, and the interceptors that others may add
   * around them, stays Spring's; the host's own steps are outermost.
   */
  @Bean
  HostEndpoint hostEndpoint(
      HowdahProperties properties,
      PluginCatalog catalog,
      PluginStarter starter,
      ReadinessWatch readiness,
      CallPipeline pipeline,
      GrpcServiceDiscoverer services,
      GrpcServiceConfigurer configurer,
      ListenEvents events) {
    Stream<ServerServiceDefinition> definitions =
        services.findServices().stream()
            .map(service -> configurer.configure(service, new NoServerFactory()))
            .map(service -> ServerInterceptors.intercept(service, pipeline.decodedSteps()))
            .map(ServerInterceptors::useInputStreamMessages);
    return new HostEndpoint(
        properties,
        catalog,
        starter,
        readiness,
        definitions.toList(),
        pipeline.steps(),
        List.of(ConnectionMemory.filter()),
        events);
  }

  /** Spring configures services for a factory; here it is {@code listen} that makes the servers. */
  private static final class NoServerFactory implements GrpcServerFactory {
    @Override
    public io.grpc.Server createServer() {
      throw new UnsupportedOperationException("The listeners make the servers.");
    }

    @Override
    public void addService(ServerServiceDefinition service) {
      throw new UnsupportedOperationException("The listeners take the services.");
    }
  }
}
