package dev.howdah.host.kubernetes;

import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.Mode;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Finds the API with the host and shows who leads. */
@Configuration(proxyBeanMethods = false)
public class KubernetesConfiguration {

  @Bean(destroyMethod = "close")
  KubernetesApi kubernetesApi(HowdahProperties properties) {
    return KubernetesPlace.of(properties).find();
  }

  @Bean
  LeaderElection leaderElection(
      KubernetesApi api, HowdahProperties properties, List<LeaderWork> work, MeterRegistry meters) {
    // A sidecar works for its own instance alone, even where its plugins may use the API.
    List<LeaderWork> shared = properties.mode() == Mode.INSTANCE ? List.of() : work;
    return new LeaderElection(api, properties.kubernetes().leaseDuration(), shared, meters);
  }

  /** Never down: nothing that this replica serves depends on the API. */
  @Bean("kubernetes")
  HealthIndicator kubernetesHealth(KubernetesApi api, LeaderElection election) {
    return () -> {
      Health.Builder health =
          Health.up().withDetail("api", api.available() ? api.origin() : "none: " + api.origin());
      if (election.isRunning()) {
        health
            .withDetail("identity", api.place().identity())
            .withDetail("lease", api.place().namespace() + "/" + election.lease())
            .withDetail("leader", election.leader())
            .withDetail("holder", election.holder().orElse("unknown"));
      }
      return health.build();
    };
  }
}
