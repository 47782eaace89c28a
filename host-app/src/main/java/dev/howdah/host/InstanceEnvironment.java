package dev.howdah.host;

import static org.springframework.boot.autoconfigure.EnableAutoConfiguration.ENABLED_OVERRIDE_PROPERTY;

import java.util.Map;
import org.springframework.boot.context.event.ApplicationEnvironmentPreparedEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;

/**
 * Leaves out of mode {@code instance} what a sidecar has no use for: the HTTP server, since the
 * Pod's ports are PostgreSQL's, and what Spring Boot would find to configure beside {@link
 * InstanceConfiguration}. Comes after the configuration files, which may name the mode.
 */
final class InstanceEnvironment
    implements ApplicationListener<ApplicationEnvironmentPreparedEvent>, Ordered {

  private static final Map<String, Object> PROPERTIES =
      Map.of("spring.main.web-application-type", "none", ENABLED_OVERRIDE_PROPERTY, "false");

  @Override
  public void onApplicationEvent(ApplicationEnvironmentPreparedEvent event) {
    ConfigurableEnvironment environment = event.getEnvironment();
    if (environment.getProperty("howdah.mode", "").equalsIgnoreCase("instance")) {
      environment.getPropertySources().addFirst(new MapPropertySource("instance", PROPERTIES));
    }
  }

  @Override
  public int getOrder() {
    return Ordered.LOWEST_PRECEDENCE;
  }
}
