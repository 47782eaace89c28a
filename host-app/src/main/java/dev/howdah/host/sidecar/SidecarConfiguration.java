package dev.howdah.host.sidecar;

import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.Mode;
import dev.howdah.host.config.SidecarSettings;
import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.host.kubernetes.LeaderWork;
import jakarta.validation.Validator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.type.AnnotatedTypeMetadata;

/** Finds the sidecar's settings. */
@Configuration(proxyBeanMethods = false)
public class SidecarConfiguration {

  @Bean
  SidecarSource sidecarSource(
      HowdahProperties properties, ObjectProvider<Validator> validator, KubernetesApi api) {
    HowdahProperties.Sidecar sidecar = properties.sidecar();
    if (Stream.of(sidecar.configMap(), sidecar.file(), sidecar.inline())
            .filter(Objects::nonNull)
            .count()
        > 1) {
      throw new IllegalArgumentException(
          "Of howdah.sidecar.config-map, howdah.sidecar.file and howdah.sidecar.inline only one may"
              + " be set: the sidecar's settings are in one place.");
    }
    if (!sidecar.configured()) {
      return Optional::empty;
    }
    CheckedSettings reader = new CheckedSettings(validator.getObject());
    if (sidecar.configMap() != null) {
      return new ConfigMapSource(api, sidecar.configMap(), reader);
    }
    if (sidecar.file() != null) {
      return new FileSource(sidecar.file(), reader);
    }
    Optional<SidecarSettings> inline = Optional.ofNullable(sidecar.inline()).map(reader::check);
    return () -> inline;
  }

  @Bean
  EnrichmentActivation enrichmentActivation(HowdahProperties properties) {
    return new EnrichmentActivation(properties);
  }

  @Bean
  SharedSidecar sharedSidecar(SidecarSource source, PluginCatalog catalog) {
    return new SharedSidecar(source, catalog);
  }

  /** Only beside the operator, and only where there is a sidecar to look after. */
  @Bean
  @Conditional(HasSidecar.class)
  LeaderWork clusterUpkeep(HowdahProperties properties, KubernetesApi api, SharedSidecar sidecar) {
    return new ClusterUpkeep(api, sidecar, properties.sidecar().upkeepInterval());
  }

  /** Without it, or inside an instance, there is nothing to elect a leader for. */
  static final class HasSidecar implements Condition {

    @Override
    public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
      Binder binder = Binder.get(context.getEnvironment());
      return binder.bind("howdah.mode", Mode.class).orElse(Mode.ALL) != Mode.INSTANCE
          && binder
              .bind("howdah.sidecar", HowdahProperties.Sidecar.class)
              .map(HowdahProperties.Sidecar::configured)
              .orElse(false);
    }
  }
}
