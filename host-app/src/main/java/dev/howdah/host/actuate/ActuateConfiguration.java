package dev.howdah.host.actuate;

import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** What the host shows: log lines and metrics in every mode, the rest where there is HTTP. */
@Configuration(proxyBeanMethods = false)
@Import({
  AotCache.class,
  PluginLog.class,
  PluginLoggers.class,
  PluginMetrics.class,
  StartupSummary.class,
  ActuateConfiguration.OverHttp.class
})
public class ActuateConfiguration {

  /** Pages, health, and who may see them. */
  @Configuration(proxyBeanMethods = false)
  @ConditionalOnWebApplication
  @Import({
    ActuatorAccess.class,
    DeliveriesEndpoint.class,
    ListenersHealth.class,
    PluginsEndpoint.class,
    PluginsHealth.class
  })
  static class OverHttp {}
}
