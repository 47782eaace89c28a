package dev.howdah.host.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.listen.DevelopmentCertificates;
import dev.howdah.host.listen.TlsFiles;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Beside the operator, a plugin offers only what some sidecar can do for it. */
@Timeout(60)
class CarriedPluginsTest {

  private static final String CARRIED = "carried.example.com";
  private static final String LEFT_OUT = "left-out.example.com";

  @TempDir Path home;

  private EmbeddedHost host(Map<String, String> properties) {
    TlsFiles tls =
        DevelopmentCertificates.issue(home.resolve("tls"), List.of(CARRIED, LEFT_OUT)).server();
    EmbeddedHost.Builder builder =
        EmbeddedHost.in(home)
            .classPathPlugins()
            .property("howdah.mode", "operator")
            .property("howdah.grpc.tls.certificate", tls.certificate())
            .property("howdah.grpc.tls.private-key", tls.key())
            .property("howdah.grpc.tls.client-certificates", tls.trustedClients());
    properties.forEach(builder::property);
    for (String name : List.of(CARRIED, LEFT_OUT)) {
      builder.plugin(
          name.substring(0, name.indexOf('.')),
          TestPlugin.of(
              name,
              hooks -> {
                hooks.status(context -> Optional.empty());
                hooks.enrichConfiguration(1, (configuration, operation, context) -> Map.of());
              }));
    }
    return builder.start();
  }

  @Test
  void aPluginThatNoImageCarriesIsOfferedWithoutWhatItDoesInside() {
    String revision = "howdah.sidecar.inline.revisions.1.";
    try (EmbeddedHost host =
        host(
            Map.of(
                revision + "image", "registry.example/howdah:1",
                revision + "plugins[0].name", CARRIED,
                revision + "plugins[0].id", "carried"))) {
      assertThat(capabilities(host, CARRIED).services())
          .containsExactly(
              ServiceCapability.OPERATOR_SERVICE,
              ServiceCapability.LIFECYCLE_SERVICE,
              ServiceCapability.INSTANCE_SIDECAR_INJECTION,
              ServiceCapability.INSTANCE_JOB_SIDECAR_INJECTION);
      assertThat(capabilities(host, LEFT_OUT).services())
          .containsExactly(ServiceCapability.OPERATOR_SERVICE);
    }
  }

  @Test
  void withoutASidecarNoneIs() {
    try (EmbeddedHost host = host(Map.of())) {
      assertThat(capabilities(host, CARRIED).services())
          .containsExactly(ServiceCapability.OPERATOR_SERVICE);
    }
  }

  private static Capabilities capabilities(EmbeddedHost host, String plugin) {
    return host.catalog()
        .find(plugin)
        .flatMap(PluginHandle::serving)
        .map(HostedPlugin::capabilities)
        .orElseThrow();
  }
}
