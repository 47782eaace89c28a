package dev.howdah.host.delivery;

import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.call.CallTracing;
import dev.howdah.host.call.HookRunner;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.Mode;
import dev.howdah.host.guard.GuardViolations;
import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.host.kubernetes.LeaderWork;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Delivers where there is an API, unless it is switched off; never from inside an instance. */
@Configuration(proxyBeanMethods = false)
public class DeliveryConfiguration {

  @Bean(destroyMethod = "close")
  Deliveries deliveries(
      KubernetesApi api,
      HowdahProperties properties,
      PluginCatalog catalog,
      HookRunner hooks,
      GuardViolations violations,
      Clock clock,
      MeterRegistry meters,
      Optional<CallTracing> tracing,
      Optional<AuditTrail> trail) {
    return new Deliveries(
        api,
        properties.delivery().enabled() && properties.mode() != Mode.INSTANCE,
        new Wishes(catalog, hooks, violations, tracing),
        clock,
        meters,
        new DeliveryAudit(trail, properties.mode().label()));
  }

  @Bean
  LeaderWork clusterWatch(
      KubernetesApi api,
      Deliveries deliveries,
      PluginCatalog catalog,
      HowdahProperties properties,
      Clock clock,
      MeterRegistry meters,
      Optional<AuditTrail> trail) {
    return new ClusterWatch(
        api, deliveries, catalog, trail, clock, properties.delivery().interval(), meters);
  }
}
