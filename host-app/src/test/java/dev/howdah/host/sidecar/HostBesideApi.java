package dev.howdah.host.sidecar;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Kubeconfig;
import dev.howdah.host.testing.MockApi;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A mock of the API server and the hosts that use it, closed together. */
final class HostBesideApi implements AutoCloseable {

  private final KubernetesMockServer server = MockApi.keeping();
  private final KubernetesClient kubernetes;
  private final List<AutoCloseable> open = new ArrayList<>();

  HostBesideApi() {
    server.init();
    kubernetes = server.createClient();
  }

  /** What is in the API server. */
  KubernetesClient kubernetes() {
    return kubernetes;
  }

  /**
   * Starts a host in the namespace {@code cnpg-system}.
   *
   * @param home its folder, as it was described with
   * @return a client of it
   */
  HostClient start(Path home, EmbeddedHost.Builder description) throws IOException {
    EmbeddedHost host =
        description
            .property(
                "howdah.kubernetes.kubeconfig",
                Kubeconfig.write(home, server.url("/"), "cnpg-system"))
            .start();
    open.add(host);
    HostClient client = new HostClient(host);
    open.add(client);
    return client;
  }

  @Override
  public void close() throws Exception {
    try {
      for (AutoCloseable one : open.reversed()) {
        one.close();
      }
    } finally {
      kubernetes.close();
      server.destroy();
    }
  }
}
