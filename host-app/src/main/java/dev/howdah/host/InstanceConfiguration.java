package dev.howdah.host;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.validation.Validator;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.ssl.SslAutoConfiguration;
import org.springframework.boot.grpc.server.autoconfigure.GrpcServerAutoConfiguration;
import org.springframework.boot.grpc.server.autoconfigure.health.GrpcServerHealthAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.validation.beanvalidation.LocalValidatorFactoryBean;

/**
 * What mode {@code instance} has of Spring Boot. The other modes take whatever Boot finds on the
 * class path; looking through all of that costs a small sidecar more than its own work does.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "howdah.mode", havingValue = "instance")
@ImportAutoConfiguration({
  LifecycleAutoConfiguration.class,
  SslAutoConfiguration.class,
  GrpcServerAutoConfiguration.class,
  GrpcServerHealthAutoConfiguration.class
})
class InstanceConfiguration {

  /** Nobody scrapes a sidecar; its plugins may still count. */
  @Bean
  MeterRegistry meterRegistry() {
    return new SimpleMeterRegistry();
  }

  /** Made when somebody asks: it takes long, and the host's own properties have one of theirs. */
  @Bean
  @Lazy
  Validator validator() {
    return new LocalValidatorFactoryBean();
  }
}
