package dev.howdah.host.testing;

import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.Dispatcher;
import java.util.HashMap;
import java.util.List;

/** fabric8's mock of an API server, without TLS. */
public final class MockApi {

  private MockApi() {}

  /** One that keeps what it is given; to be started by {@code init()} and destroyed. */
  public static KubernetesMockServer keeping() {
    return answering(new KubernetesCrudDispatcher(List.of()));
  }

  /** One that answers by a dispatcher; to be started by {@code init()} and destroyed. */
  public static KubernetesMockServer answering(Dispatcher dispatcher) {
    MockWebServer web = new MockWebServer();
    // The JDK's client and Vert.x sometimes lose a connection while they change to HTTP/2 on it.
    // Real API servers choose the protocol by ALPN.
    web.setHttp2ClearTextEnabled(false);
    return new KubernetesMockServer(new Context(), web, new HashMap<>(), dispatcher, false);
  }
}
