package dev.howdah.host.sidecar;

import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.SidecarSettings;
import jakarta.validation.Validator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Finds the sidecar's settings. */
@Configuration(proxyBeanMethods = false)
class SidecarConfiguration {

  @Bean
  SidecarSource sidecarSource(HowdahProperties properties, Validator validator) {
    HowdahProperties.Sidecar sidecar = properties.sidecar();
    if (Stream.of(sidecar.configMap(), sidecar.file(), sidecar.inline())
            .filter(Objects::nonNull)
            .count()
        > 1) {
      throw new IllegalArgumentException(
          "Of howdah.sidecar.config-map, howdah.sidecar.file and howdah.sidecar.inline only one may"
              + " be set: the sidecar's settings are in one place.");
    }
    if (sidecar.configMap() != null) {
      throw new IllegalArgumentException(
          "howdah.sidecar.config-map needs a Kubernetes API; mount the ConfigMap and set"
              + " howdah.sidecar.file.");
    }
    CheckedSettings reader = new CheckedSettings(validator);
    if (sidecar.file() != null) {
      return new FileSource(sidecar.file(), reader);
    }
    Optional<SidecarSettings> inline = Optional.ofNullable(sidecar.inline()).map(reader::check);
    return () -> inline;
  }

  @Bean
  SharedSidecar sharedSidecar(SidecarSource source, PluginCatalog catalog) {
    return new SharedSidecar(source, catalog);
  }
}
