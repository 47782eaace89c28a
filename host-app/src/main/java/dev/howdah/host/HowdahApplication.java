package dev.howdah.host;

import dev.howdah.host.actuate.ActuateConfiguration;
import dev.howdah.host.audit.wiring.AuditConfiguration;
import dev.howdah.host.changes.ChangesConfiguration;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.delivery.DeliveryConfiguration;
import dev.howdah.host.kubernetes.KubernetesConfiguration;
import dev.howdah.host.service.ServiceConfiguration;
import dev.howdah.host.sidecar.SidecarConfiguration;
import java.util.Map;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Import;

/**
 * The Spring Boot application. Its rooms are named, not scanned for: reading the annotations of
 * every class is a tenth of a start. Nor does Spring Boot find anything of its own to scan for,
 * such as Jackson's mix-ins, which it would look for in this package and all below it.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@AutoConfigurationPackage(basePackages = "dev.howdah.host.scanned")
@EnableConfigurationProperties(HowdahProperties.class)
@Import({
  HostConfiguration.class,
  InstanceConfiguration.class,
  TracingConfiguration.class,
  ActuateConfiguration.class,
  AuditConfiguration.class,
  ChangesConfiguration.class,
  DeliveryConfiguration.class,
  KubernetesConfiguration.class,
  ServiceConfiguration.class,
  SidecarConfiguration.class
})
public class HowdahApplication {

  /**
   * One line an event: time, level, who, what, and behind it the key-values of the event and of the
   * call it belongs to.
   */
  private static final String LINE =
      "%clr(%d{yyyy-MM-dd'T'HH:mm:ss.SSSXXX}){faint} %clr(%5p) %clr(%-28.28logger{0}){cyan} %m"
          + "%replace( %kvp{NONE}){'^ $',''}%replace( [%mdc]){' \\[\\]',''}%n%wEx";

  private static final String CONTEXTS_OF_SPRING = "logging.level.org.springframework.context.";

  /**
   * Defaults of Spring Boot's own properties; anything that is set wins over them. The gRPC server
   * factory is off since {@code listen} opens the doors: Boot's takes neither TLS 1.3 alone nor
   * certificates that change.
   */
  private static final Map<String, Object> DEFAULTS =
      Map.ofEntries(
          Map.entry("spring.application.name", "howdah"),
          Map.entry("spring.grpc.server.factory.enabled", "false"),
          Map.entry("spring.grpc.server.reflection.enabled", "false"),
          // The launcher stops the host on a signal, and with exit code 0.
          Map.entry("spring.main.register-shutdown-hook", "false"),
          Map.entry("spring.jmx.enabled", "false"),
          Map.entry("spring.web.resources.add-mappings", "false"),
          Map.entry("server.address", "127.0.0.1"),
          Map.entry("server.port", "8081"),
          Map.entry("server.tomcat.threads.max", "8"),
          Map.entry("server.tomcat.threads.min-spare", "1"),
          Map.entry("server.shutdown", "immediate"),
          Map.entry("management.endpoints.web.exposure.include", "*"),
          Map.entry("management.endpoint.health.probes.enabled", "true"),
          Map.entry("management.endpoint.health.show-details", "always"),
          Map.entry("management.endpoint.health.group.plugins.include", "pluginStates"),
          Map.entry(
              "management.endpoint.health.group.readiness.include", "readinessState,listeners"),
          Map.entry("management.health.diskspace.enabled", "false"),
          Map.entry("management.endpoint.shutdown.access", "none"),
          Map.entry("management.endpoint.heapdump.access", "none"),
          Map.entry("logging.structured.ecs.service.name", "howdah"),
          Map.entry("logging.pattern.console", LINE),
          Map.entry("logging.level.org.apache.catalina", "warn"),
          Map.entry("logging.level.org.springframework", "warn"),
          // A context that can't start warns before whoever started it says why, and better.
          Map.entry(CONTEXTS_OF_SPRING + "annotation.AnnotationConfigApplicationContext", "error"),
          Map.entry(CONTEXTS_OF_SPRING + "support.GenericApplicationContext", "error"),
          Map.entry("logging.level.org.springframework.boot.web.server.servlet.context", "error"),
          // It warns of each request that the JDK sets the length itself.
          Map.entry("logging.level.com.azure.core.http.jdk.httpclient", "error"),
          // A stack trace for every port check otherwise; refusals are logged by the listeners.
          Map.entry("logging.level.io.grpc.netty.NettyServerTransport.connections", "warn"));

  /**
   * Starts the host and returns when it serves; it stops with the process.
   *
   * @param arguments Spring's command line arguments, such as {@code --howdah.mode=all}
   * @return its application context
   */
  public static ConfigurableApplicationContext run(String... arguments) {
    return application(HowdahApplication.class).run(arguments);
  }

  /**
   * The application before it runs, for those who embed it.
   *
   * @param sources this class, and whatever else is to be configured
   */
  public static SpringApplication application(Class<?>... sources) {
    SpringApplication application = new SpringApplication(sources);
    application.setDefaultProperties(DEFAULTS);
    application.setBannerMode(Banner.Mode.OFF);
    application.addListeners(new InstanceEnvironment());
    return application;
  }
}
