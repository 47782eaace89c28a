package dev.howdah.host;

import io.grpc.BindableService;
import io.grpc.protobuf.services.HealthStatusManager;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.validation.Validator;
import java.util.List;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;
import org.springframework.grpc.server.service.DefaultGrpcServiceConfigurer;
import org.springframework.grpc.server.service.DefaultGrpcServiceDiscoverer;
import org.springframework.grpc.server.service.GrpcServiceConfigurer;
import org.springframework.grpc.server.service.GrpcServiceDiscoverer;
import org.springframework.validation.beanvalidation.LocalValidatorFactoryBean;

/**
 * What mode {@code instance} has in place of Spring Boot's auto-configuration. The other modes take
 * whatever Boot finds on the class path; looking through all of that costs a small sidecar more
 * than its own work does.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty(name = "howdah.mode", havingValue = "instance")
class InstanceConfiguration {

  /** Nobody scrapes a sidecar, but a plugin may take its meters to the instance's exporter. */
  @Bean
  MeterRegistry meterRegistry() {
    return new SimpleMeterRegistry();
  }

  @Bean
  MeterBinder memoryMetrics() {
    return new JvmMemoryMetrics();
  }

  @Bean
  SmartInitializingSingleton boundMeters(MeterRegistry meters, List<MeterBinder> binders) {
    return () -> binders.forEach(binder -> binder.bindTo(meters));
  }

  /** Made when somebody asks: it takes long, and the host's own properties have one of theirs. */
  @Bean
  @Lazy
  Validator validator() {
    return new LocalValidatorFactoryBean();
  }

  /** The webhooks' certificates, of which a sidecar has none. */
  @Bean
  SslBundles sslBundles() {
    return new DefaultSslBundleRegistry();
  }

  @Bean
  GrpcServiceDiscoverer grpcServiceDiscoverer(ApplicationContext context) {
    return new DefaultGrpcServiceDiscoverer(context);
  }

  @Bean
  GrpcServiceConfigurer grpcServiceConfigurer(ApplicationContext context) {
    return new DefaultGrpcServiceConfigurer(context);
  }

  /** Serving from the first open socket to the stop. */
  @Bean(destroyMethod = "enterTerminalState")
  HealthStatusManager healthStatusManager() {
    return new HealthStatusManager();
  }

  @Bean
  BindableService healthService(HealthStatusManager health) {
    return health.getHealthService();
  }
}
