package dev.howdah.host.changes;

import dev.howdah.host.audit.AuditTrail;
import dev.howdah.host.audit.UnseenChangesSettings;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.Mode;
import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.host.kubernetes.LeaderWork;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Where there are a trail and an API, unless it is switched off; never from inside an instance. */
@Configuration(proxyBeanMethods = false)
public class ChangesConfiguration {

  private static final UnseenChangesSettings NONE =
      new UnseenChangesSettings(false, Duration.ofHours(1), Duration.ZERO);

  @Bean(destroyMethod = "close")
  RecordedChanges recordedChanges(
      KubernetesApi api, HowdahProperties properties, Optional<UnseenChangesSettings> settings) {
    return new RecordedChanges(api, enabled(properties, settings));
  }

  @Bean
  LeaderWork unseenChanges(
      KubernetesApi api,
      HowdahProperties properties,
      Optional<UnseenChangesSettings> settings,
      Optional<AuditTrail> trail,
      RecordedChanges recorded,
      Clock clock,
      MeterRegistry meters) {
    return new UnseenChanges(
        api,
        enabled(properties, settings) ? trail : Optional.empty(),
        recorded,
        settings.orElse(NONE),
        properties.mode().label(),
        clock,
        meters);
  }

  private static boolean enabled(
      HowdahProperties properties, Optional<UnseenChangesSettings> settings) {
    return properties.mode() != Mode.INSTANCE
        && settings.filter(UnseenChangesSettings::enabled).isPresent();
  }
}
