package dev.howdah.host.actuate;

import dev.howdah.host.AdmissionEndpoint;
import dev.howdah.host.HostEndpoint;
import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.Problem;
import dev.howdah.host.config.HowdahProperties;
import dev.howdah.host.config.Mode;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/**
 * Says on the terminal what is served, where, and what to try next. Silent where logs are JSON:
 * there a machine reads.
 */
@Component
class StartupSummary implements ApplicationListener<ApplicationReadyEvent> {

  private final HostEndpoint endpoint;
  private final AdmissionEndpoint admission;
  private final HowdahProperties properties;
  private final Environment environment;

  StartupSummary(
      HostEndpoint endpoint,
      AdmissionEndpoint admission,
      HowdahProperties properties,
      Environment environment) {
    this.endpoint = endpoint;
    this.admission = admission;
    this.properties = properties;
    this.environment = environment;
  }

  @Override
  public void onApplicationEvent(ApplicationReadyEvent event) {
    if (environment.getProperty("logging.structured.format.console", "").isEmpty()
        && environment.getProperty("howdah.summary", Boolean.class, true)) {
      print(System.out);
    }
  }

  private void print(PrintStream out) {
    Collection<PluginHandle> plugins = endpoint.catalog().all();
    out.printf(
        "%nHowdah serves %d of %d plugins (mode %s)%n%n",
        plugins.stream().filter(it -> it.serving().isPresent()).count(),
        plugins.size(),
        properties.mode().label());
    plugins.forEach(plugin -> out.println("  " + line(plugin)));
    out.println();
    endpoint
        .tcpAddress()
        .ifPresent(
            address ->
                out.printf(
                    "  gRPC      %s:%d  (TLS 1.3, client certificate required)%n",
                    address.getHostString(), address.getPort()));
    if (!endpoint.sockets().isEmpty()) {
      out.printf("  sockets   %s%n", show(properties.socketDirectory()) + "/<plugin name>");
    }
    admission
        .address()
        .ifPresent(
            address ->
                out.printf(
                    "  admission https://%s:%d/admission/{validate,mutate}%n",
                    address.getHostString(), address.getPort()));
    if (properties.mode() != Mode.INSTANCE) {
      out.printf(
          "  actuator  http://%s:%s/actuator%n",
          environment.getProperty("server.address"),
          environment.getProperty("local.server.port", environment.getProperty("server.port", "")));
    }
    endpoint
        .developmentTls()
        .ifPresent(
            tls ->
                out.printf(
                    "  TLS files %s  (development certificates%s)%n",
                    show(properties.home().resolve("tls")) + "/{ca,server,client}.{crt,key}",
                    tls.written().isEmpty() ? "" : ", just issued"));
    if (properties.mode() == Mode.ALL) {
      plugins.stream()
          .filter(plugin -> plugin.serving().isPresent())
          .findFirst()
          .ifPresent(plugin -> next(out, plugin));
    }
    out.println();
    out.flush();
  }

  private void next(PrintStream out, PluginHandle plugin) {
    out.printf("%nTry next, in another terminal:%n");
    out.println("  ./howdah handshake");
    out.printf("  ./howdah call %s Identity/GetPluginMetadata%n", plugin.name());
    out.println("Stop with Ctrl-C.");
  }

  private static String line(PluginHandle plugin) {
    String name = plugin.name().isEmpty() ? plugin.id() : plugin.name();
    return plugin
        .serving()
        .map(
            serving ->
                "%-34s %-16s %s".formatted(name, plugin.descriptor().version(), services(serving)))
        .orElseGet(
            () ->
                "%-34s %s: %s"
                    .formatted(
                        name, plugin.state(), plugin.problem().map(Problem::toString).orElse("")));
  }

  private static String services(HostedPlugin plugin) {
    return plugin.capabilities().services().stream()
        .map(ServiceCapability::name)
        .map(name -> name.toLowerCase(Locale.ROOT).replace("_service", "").replace('_', '-'))
        .collect(Collectors.joining(", "));
  }

  private static String show(Path path) {
    return path.toString();
  }
}
