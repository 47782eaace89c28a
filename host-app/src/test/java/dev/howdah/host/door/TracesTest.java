package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import com.sun.net.httpserver.HttpServer;
import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.AdmissionClient;
import dev.howdah.host.testing.ApiServer;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Kubeconfig;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.postgres.ParameterLayer;
import dev.howdah.plugin.reconcile.Reconcile;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What a collector gets: a real receiver over HTTP, which takes the messages apart. */
@Timeout(120)
class TracesTest {

  private static final String PLUGIN = "traced.example.com";
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";
  private static final String CALLER = "b7ad6b7169203331";
  private static final Metadata.Key<String> TRACE_PARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir Path home;

  /** A span as a collector reads it. */
  private record Span(
      String name, String trace, String parent, boolean failed, Map<String, Object> attributes) {}

  @Test
  void aCallsSpanNamesMethodPluginAndClusterAndBelongsToTheCallersTrace() throws IOException {
    List<Span> spans = new CopyOnWriteArrayList<>();
    HttpServer collector = collector(spans);
    try (ApiServer api = new ApiServer();
        EmbeddedHost host = host(collector, Kubeconfig.write(home, api.url(), "howdah"));
        HostClient client = new HostClient(host)) {
      Cluster cluster = Clusters.naming(PLUGIN);
      Protocol.Rpc pre = Protocol.rpc("ReconcilerHooks/Pre");
      pre.call(client.tcp(PLUGIN), pre.request(cluster));
      Protocol.Rpc post = Protocol.rpc("ReconcilerHooks/Post");
      Status failed = post.status(traced(client.socket(PLUGIN)), post.request(cluster));

      assertThat(failed.getCode()).isEqualTo(Status.Code.INTERNAL);
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(spans)
                      .extracting(Span::name)
                      .contains("ReconcilerHooks/Pre", "ReconcilerHooks/Post"));
      assertThat(spans)
          .anySatisfy(
              span -> {
                assertThat(span.name()).isEqualTo("ReconcilerHooks/Pre");
                assertThat(span.failed()).isFalse();
                assertThat(span.parent()).isEmpty();
                assertThat(span.attributes())
                    .containsEntry("rpc.system", "grpc")
                    .containsEntry("rpc.service", "ReconcilerHooks")
                    .containsEntry("rpc.method", "Pre")
                    .containsEntry("rpc.grpc.status_code", 0L)
                    .containsEntry("howdah.plugin", PLUGIN)
                    .containsEntry("howdah.cluster", cluster.qualifiedName());
              })
          .anySatisfy(
              span -> {
                assertThat(span.name()).isEqualTo("ReconcilerHooks/Post");
                assertThat(span.failed()).isTrue();
                assertThat(span.trace()).isEqualTo(TRACE);
                assertThat(span.parent()).isEqualTo(CALLER);
              });
    } finally {
      collector.stop(0);
    }
  }

  @Test
  void reviewsAndWishesHaveSpansOfTheirOwn() throws IOException {
    List<Span> spans = new CopyOnWriteArrayList<>();
    HttpServer collector = collector(spans);
    Cluster cluster = Clusters.naming(PLUGIN);
    try (ApiServer api = new ApiServer();
        EmbeddedHost host = host(collector, Kubeconfig.write(home, api.url(), "howdah"));
        AdmissionClient webhooks = new AdmissionClient(host);
        HostClient client = new HostClient(host)) {
      api.put("kubectl-client-side-apply", cluster.json());
      JsonNode review = webhooks.create(cluster.json());
      Protocol.Rpc pre = Protocol.rpc("ReconcilerHooks/Pre");
      pre.call(client.tcp(PLUGIN), pre.request(cluster));

      assertThat(review.path("allowed").asBoolean()).isTrue();
      await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () ->
                  assertThat(spans)
                      .filteredOn(span -> PLUGIN.equals(span.attributes().get("howdah.plugin")))
                      .filteredOn(
                          span ->
                              cluster
                                  .qualifiedName()
                                  .equals(span.attributes().get("howdah.cluster")))
                      .filteredOn(span -> span.parent().isEmpty() && !span.failed())
                      .extracting(Span::name)
                      .contains("admission/ValidateClusterCreate", "delivery/DesiredParameters"));
    } finally {
      collector.stop(0);
    }
  }

  private EmbeddedHost host(HttpServer collector, Path kubeconfig) {
    return EmbeddedHost.in(home)
        .classPathPlugins()
        .property("howdah.kubernetes.kubeconfig", kubeconfig)
        .property("howdah.admission.enabled", "true")
        .property(
            "howdah.tracing.endpoint",
            "http://127.0.0.1:%d/v1/traces".formatted(collector.getAddress().getPort()))
        .property("howdah.tracing.interval", "50ms")
        .property("howdah.plugins.traced.fail-policy.post", "fail")
        .plugin(
            "traced",
            TestPlugin.of(
                PLUGIN,
                hooks -> {
                  hooks.validateCreate(context -> List.of());
                  hooks.desiredParameters(
                      ParameterLayer.PROFILE, context -> Map.of("work_mem", "8MB"));
                  hooks.preReconcileCluster(context -> Reconcile.proceed());
                  hooks.postReconcileCluster(
                      context -> {
                        throw new IllegalStateException("the shelf fell");
                      });
                }))
        .start();
  }

  private static Channel traced(Channel channel) {
    Metadata headers = new Metadata();
    headers.put(TRACE_PARENT, "00-%s-%s-01".formatted(TRACE, CALLER));
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static HttpServer collector(List<Span> spans) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/traces",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          assertThat(exchange.getRequestHeaders().getFirst("Content-Type"))
              .isEqualTo("application/x-protobuf");
          spans.addAll(spans(body));
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    return server;
  }

  /**
   * Taken apart by OTLP's field numbers: request 1 resource spans, 2 scope spans, 2 spans; of a
   * span 1 trace id, 4 parent, 5 name, 9 attributes, 15 status with its code in 3, where 2 is an
   * error.
   */
  private static List<Span> spans(byte[] request) throws InvalidProtocolBufferException {
    return messages(UnknownFieldSet.parseFrom(request), 1).stream()
        .flatMap(resource -> messages(resource, 2).stream())
        .flatMap(scope -> messages(scope, 2).stream())
        .map(TracesTest::span)
        .toList();
  }

  private static Span span(UnknownFieldSet span) {
    Map<String, Object> attributes = new HashMap<>();
    for (UnknownFieldSet attribute : messages(span, 9)) {
      UnknownFieldSet value = messages(attribute, 2).getFirst();
      attributes.put(
          text(attribute, 1),
          value.hasField(1) ? text(value, 1) : value.getField(3).getVarintList().getFirst());
    }
    boolean failed =
        messages(span, 15).stream().anyMatch(it -> it.getField(3).getVarintList().contains(2L));
    return new Span(text(span, 5), hex(span, 1), hex(span, 4), failed, attributes);
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet set, int field) {
    return set.getField(field).getLengthDelimitedList().stream()
        .map(
            bytes -> {
              try {
                return UnknownFieldSet.parseFrom(bytes);
              } catch (InvalidProtocolBufferException e) {
                throw new AssertionError(e);
              }
            })
        .toList();
  }

  private static String text(UnknownFieldSet set, int field) {
    return set.getField(field).getLengthDelimitedList().getFirst().toStringUtf8();
  }

  private static String hex(UnknownFieldSet set, int field) {
    StringBuilder hex = new StringBuilder();
    for (ByteString bytes : set.getField(field).getLengthDelimitedList()) {
      bytes.forEach(it -> hex.append("%02x".formatted(it)));
    }
    return hex.toString();
  }
}
