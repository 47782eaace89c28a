package dev.howdah.plugins.objectstore;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import io.fabric8.kubernetes.client.server.mock.KubernetesCrudDispatcher;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.fabric8.mockwebserver.Context;
import io.fabric8.mockwebserver.MockWebServer;
import io.fabric8.mockwebserver.http.Dispatcher;
import io.fabric8.mockwebserver.http.MockResponse;
import io.fabric8.mockwebserver.http.RecordedRequest;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An API server on a socket, whose door notes what is asked, and refuses what the test wants
 * refused.
 */
final class ApiServerDoor extends Dispatcher implements AutoCloseable {

  final List<String> asked = new CopyOnWriteArrayList<>();
  volatile String refused = "nothing";
  volatile int code = 403;

  private final KubernetesCrudDispatcher objects = new KubernetesCrudDispatcher(List.of());
  private final KubernetesMockServer server;
  private final KubernetesClient client;

  ApiServerDoor() {
    MockWebServer web = new MockWebServer();
    // The JDK's client sometimes loses a connection while both change to HTTP/2 on it.
    web.setHttp2ClearTextEnabled(false);
    server = new KubernetesMockServer(new Context(), web, new HashMap<>(), this, false);
    server.init();
    client =
        new KubernetesClientBuilder()
            .withConfig(
                new ConfigBuilder(Config.empty())
                    .withMasterUrl(server.url("/"))
                    .withRequestRetryBackoffLimit(0)
                    .withRequestTimeout(20_000)
                    .build())
            .withHttpClientFactory(new JdkHttpClientFactory())
            .build();
  }

  KubernetesClient client() {
    return client;
  }

  @Override
  public MockResponse dispatch(RecordedRequest request) {
    asked.add(request.method() + " " + request.getPath());
    if (request.getPath().startsWith(refused)) {
      return new MockResponse()
          .setResponseCode(code)
          .setHeader("Content-Type", "application/json")
          .setBody(
              "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"code\":"
                  + code
                  + "}");
    }
    return objects.dispatch(request);
  }

  @Override
  public void close() {
    client.close();
    server.destroy();
  }
}
