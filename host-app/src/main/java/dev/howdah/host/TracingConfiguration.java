package dev.howdah.host;

import dev.howdah.host.config.ConfigurationException;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.trace.OtlpTracing;
import java.net.URI;
import java.util.Objects;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Traces, where a collector is named; without one no class of theirs is loaded. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("howdah.tracing.endpoint")
class TracingConfiguration {

  @Bean(destroyMethod = "close")
  OtlpTracing otlpTracing(HowdahProperties properties) {
    HowdahProperties.Tracing tracing = properties.tracing();
    URI endpoint = Objects.requireNonNull(tracing.endpoint(), "the condition says so");
    if (!"http".equals(endpoint.getScheme()) && !"https".equals(endpoint.getScheme())) {
      throw new ConfigurationException(
          "howdah.tracing.endpoint is %s: name an http or https URL, such as http://collector:4318/v1/traces."
              .formatted(endpoint));
    }
    return new OtlpTracing(
        endpoint, tracing.sampling(), tracing.interval(), properties.mode().label());
  }
}
