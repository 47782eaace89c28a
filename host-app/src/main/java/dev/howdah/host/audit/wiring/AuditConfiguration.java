package dev.howdah.host.audit.wiring;

import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.audit.UnseenChangesSettings;
import dev.howdah.host.config.HowdahProperties;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Opens the trail with the host, if it is switched on. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "howdah.audit.enabled", havingValue = "true")
@EnableConfigurationProperties(AuditProperties.class)
public class AuditConfiguration {

  @Bean(destroyMethod = "close")
  AuditTrail auditTrail(
      AuditProperties audit, HowdahProperties howdah, MeterRegistry meters, Clock clock) {
    return AuditTrail.open(audit.toSettings(howdah.home(), hostName()), meters, clock);
  }

  @Bean
  UnseenChangesSettings unseenChangesSettings(AuditProperties audit) {
    return audit.managedFields().toSettings();
  }

  @Bean("audit")
  HealthIndicator auditHealth(AuditTrail trail) {
    return () -> {
      Health.Builder health = Health.up();
      trail
          .health()
          .forEach(
              (sink, state) -> {
                health.withDetail(sink, state.up() ? "up" : state.problem());
                if (!state.up()) {
                  health.down();
                }
              });
      return health.build();
    };
  }

  private static String hostName() {
    String named = System.getenv("HOSTNAME");
    if (named != null && !named.isBlank()) {
      return named;
    }
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }
}
