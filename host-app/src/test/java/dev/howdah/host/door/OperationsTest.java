package dev.howdah.host.door;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.testing.Clusters;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.Http;
import dev.howdah.host.testing.Protocol;
import dev.howdah.host.testing.TestPlugin;
import dev.howdah.plugin.Readiness;
import dev.howdah.plugin.reconcile.Reconcile;
import dev.howdah.proto.identity.GetPluginCapabilitiesRequest;
import dev.howdah.proto.identity.GetPluginMetadataRequest;
import dev.howdah.proto.identity.IdentityGrpc;
import dev.howdah.proto.identity.ProbeRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;
import tools.jackson.databind.JsonNode;

/** What people and machines see of a running host. */
class OperationsTest {

  private static final String GOOD = "good.example.com";
  private static final String MISNAMED = "misnamed.example.com";
  private static final String BROKEN = "broken.example.com";
  private static final String TWIN = "twin.example.com";

  @TempDir static Path home;
  @TempDir Path another;
  private static EmbeddedHost host;
  private static HostClient client;
  private static final AtomicReference<Readiness> readiness =
      new AtomicReference<>(Readiness.ready());

  @BeforeAll
  static void start() {
    host =
        EmbeddedHost.in(home)
            .classPathPlugins()
            .plugin("good", TestPlugin.of(GOOD, OperationsTest::register))
            .plugin(
                "misnamed",
                TestPlugin.metadata(MISNAMED),
                () -> TestPlugin.of("other.example.com", hooks -> {}))
            .plugin(
                "broken",
                TestPlugin.metadata(BROKEN),
                () -> {
                  throw new IllegalStateException("There is no database.");
                })
            .plugin("good", TestPlugin.of(TWIN, hooks -> {}))
            .plugin("off", TestPlugin.of("off.example.com", hooks -> {}))
            .property("howdah.plugins.off.enabled", "false")
            .property("howdah.plugins.good.required", "true")
            .property("howdah.start.readiness-interval", "100ms")
            .start();
    client = new HostClient(host);
  }

  private static void register(dev.howdah.plugin.Hooks hooks) {
    hooks.readiness(readiness::get);
    hooks.preReconcileCluster(context -> Reconcile.proceed());
    hooks.status(context -> java.util.Optional.of(List.of("not", "an", "object")));
  }

  @AfterAll
  static void stop() {
    client.close();
    host.close();
  }

  @Test
  void theProcessIsLiveAndReadyWhateverItsPluginsDo() {
    assertThat(Http.json(host.httpBase() + "/actuator/health/liveness").at("/status").asString())
        .isEqualTo("UP");
    assertThat(Http.json(host.httpBase() + "/actuator/health/readiness").at("/status").asString())
        .isEqualTo("UP");
  }

  @Test
  void aRequiredPluginThatIsntReadyTakesItsGroupDownAndNothingElse() {
    readiness.set(Readiness.notReady("its database is away"));
    try {
      Awaitility.await()
          .untilAsserted(
              () -> {
                HttpResponse<String> group = Http.get(host.httpBase() + "/actuator/health/plugins");
                assertThat(group.statusCode()).isEqualTo(503);
                assertThat(group.body()).contains("its database is away");
              });
      assertThat(Http.get(host.httpBase() + "/actuator/health/readiness").statusCode())
          .isEqualTo(200);
      assertThatThrownBy(() -> HostClient.load(client.tcp(GOOD)))
          .isInstanceOfSatisfying(
              StatusRuntimeException.class,
              probe -> {
                assertThat(probe.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(probe.getStatus().getDescription()).contains("its database is away");
              });
    } finally {
      readiness.set(Readiness.ready());
    }
    Awaitility.await()
        .until(() -> Http.get(host.httpBase() + "/actuator/health/plugins").statusCode() == 200);
  }

  @Test
  void thePluginsEndpointTellsOfGoodFailedAndRejectedOnes() {
    JsonNode plugins = Http.json(host.httpBase() + "/actuator/plugins").get("plugins");

    assertThat(plugins.valueStream().map(it -> it.get("name").asString()))
        .containsExactly(BROKEN, GOOD, MISNAMED, TWIN);
    JsonNode good = plugin(plugins, GOOD);
    assertThat(good.get("state").asString()).isEqualTo("READY");
    assertThat(good.get("version").asString()).isEqualTo("1.2.3");
    assertThat(good.get("source").asString()).isEqualTo("embedded:good");
    assertThat(good.at("/capabilities/services").toString())
        .isEqualTo("[\"OPERATOR_SERVICE\",\"RECONCILER_HOOKS\"]");
    assertThat(good.at("/load/inFlight").isInt()).isTrue();
    assertThat(plugin(plugins, BROKEN).get("state").asString()).isEqualTo("FAILED");
    assertThat(plugin(plugins, BROKEN).at("/problem/reason").asString())
        .isEqualTo("Its constructor failed: There is no database.");
    assertThat(plugin(plugins, MISNAMED).get("state").asString()).isEqualTo("FAILED");
    assertThat(plugin(plugins, MISNAMED).at("/problem/reason").asString())
        .contains("other.example.com")
        .contains(MISNAMED);
    assertThat(plugin(plugins, TWIN).get("state").asString()).isEqualTo("REJECTED");
    assertThat(plugin(plugins, TWIN).at("/problem/reason").asString()).contains("'good'");
  }

  private static JsonNode plugin(JsonNode plugins, String name) {
    return plugins
        .valueStream()
        .filter(it -> it.get("name").asString().equals(name))
        .findFirst()
        .get();
  }

  @ParameterizedTest
  @CsvSource({BROKEN + ",UNAVAILABLE", MISNAMED + ",UNAVAILABLE", TWIN + ",UNIMPLEMENTED"})
  void aPluginThatDoesntServeSaysSoOnEveryCall(String name, Status.Code code) {
    assertThatThrownBy(() -> HostClient.metadata(client.carelessTcp(name)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refused -> assertThat(refused.getStatus().getCode()).isEqualTo(code));
  }

  @Test
  void prometheusHasWhatIsPromised() {
    Protocol.Rpc pre = Protocol.rpc("ReconcilerHooks/Pre");
    Protocol.Rpc status = Protocol.rpc("Operator/SetStatusInCluster");
    Channel channel = client.tcp(GOOD);
    pre.status(channel, pre.request(Clusters.naming(GOOD)));
    status.status(channel, status.request(Clusters.naming(GOOD)));
    assertThatThrownBy(() -> HostClient.metadata(client.carelessTcp("stranger.example.com")))
        .isInstanceOf(StatusRuntimeException.class);

    String page = Http.get(host.httpBase() + "/actuator/prometheus").body();

    assertThat(page)
        .contains(
            "howdah_calls_seconds_count{code=\"OK\",method=\"Pre\",plugin=\"good.example.com\","
                + "service=\"ReconcilerHooks\"}")
        .containsPattern(
            "howdah_calls_seconds_bucket\\{code=\"OK\",method=\"Pre\",plugin=\"good.example.com\","
                + "service=\"ReconcilerHooks\",le=\"0\\.0\\d+\"\\}")
        .contains("howdah_plugin_inflight{plugin=\"good.example.com\"} 0.0")
        .contains("howdah_plugin_waiting{plugin=\"good.example.com\"} 0.0")
        .contains("howdah_plugin_state{plugin=\"good.example.com\",state=\"ready\"} 1.0")
        .contains("howdah_plugin_state{plugin=\"broken.example.com\",state=\"failed\"} 1.0")
        .containsPattern("howdah_calls_refused_total\\{reason=\"unknown-plugin\"\\} [1-9]")
        .containsPattern(
            "howdah_guard_violations_total\\{plugin=\"good.example.com\",rule=\"status-not-object\"\\}"
                + " [1-9]")
        .containsPattern("howdah_tls_\\S*expir\\S*");
  }

  @Test
  void loggersCanBeChangedOnTheFly() {
    HttpResponse<String> changed =
        Http.send(
            HttpRequest.newBuilder(
                    URI.create(host.httpBase() + "/actuator/loggers/dev.howdah.test"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"configuredLevel\":\"DEBUG\"}"))
                .build());

    assertThat(changed.statusCode()).isEqualTo(204);
    assertThat(
            Http.json(host.httpBase() + "/actuator/loggers/dev.howdah.test")
                .at("/effectiveLevel")
                .asString())
        .isEqualTo("DEBUG");
  }

  @Test
  void infoNamesTheBuild() {
    assertThat(Http.json(host.httpBase() + "/actuator/info").at("/build/artifact").asString())
        .isEqualTo("howdah-host-app");
    assertThat(Http.json(host.httpBase() + "/actuator/info").at("/build/version").asString())
        .isNotBlank();
  }

  @Test
  void theFirstProbeOnAConnectionThatNeverLoadedThePluginFailsOnce() {
    IdentityGrpc.IdentityBlockingStub identity = IdentityGrpc.newBlockingStub(client.tcp(GOOD));
    identity.getPluginMetadata(GetPluginMetadataRequest.getDefaultInstance());

    assertThatThrownBy(() -> identity.probe(ProbeRequest.getDefaultInstance()))
        .hasMessageContaining("UNAVAILABLE")
        .hasMessageContaining("load the plugin again");
    assertThat(identity.probe(ProbeRequest.getDefaultInstance()).getReady()).isTrue();

    IdentityGrpc.IdentityBlockingStub loaded = IdentityGrpc.newBlockingStub(client.tcp(GOOD));
    loaded.getPluginCapabilities(GetPluginCapabilitiesRequest.getDefaultInstance());
    assertThat(loaded.probe(ProbeRequest.getDefaultInstance()).getReady()).isTrue();
  }

  @Test
  void whereTheActuatorListensWiderOnlyHealthAndPrometheusDo() throws Exception {
    try (EmbeddedHost wide =
        EmbeddedHost.in(another).classPathPlugins().property("server.address", "0.0.0.0").start()) {
      String base = wide.httpBase().replace("0.0.0.0", "127.0.0.1");
      for (String open :
          List.of("/actuator/health", "/actuator/health/liveness", "/actuator/prometheus")) {
        assertThat(Http.get(base + open).statusCode()).as(open).isEqualTo(200);
      }
      int port = URI.create(base).getPort();
      for (String closed :
          List.of(
              "/actuator",
              "/actuator/plugins",
              "/actuator/env",
              "/actuator/loggers",
              "/actuator/health/../plugins",
              "/actuator/health/%2e%2e/plugins",
              "/actuator/health/..%2fplugins",
              "/actuator/health/;/../plugins",
              "/actuator/prometheus/../plugins",
              "//actuator/plugins",
              "/actuator/plugins/",
              "/actuator/plugins?x=/actuator/health",
              "/actuator/plugins;/actuator/health")) {
        assertThat(rawStatus(port, closed)).as(closed).isIn(400, 403);
      }
    }
  }

  @Test
  void whereTheActuatorListensWiderAClientCertificateOpensTheRest() throws Exception {
    try (EmbeddedHost wide =
        EmbeddedHost.in(another)
            .classPathPlugins()
            .property("server.address", "0.0.0.0")
            .property("server.ssl.certificate", host.tlsFile("server.crt"))
            .property("server.ssl.certificate-private-key", host.tlsFile("server.key"))
            .property("server.ssl.trust-certificate", host.tlsFile("ca.crt"))
            .property("server.ssl.client-auth", "want")
            .start()) {
      URI plugins =
          URI.create(
              "https://127.0.0.1:%d/actuator/plugins"
                  .formatted(URI.create(wide.httpBase()).getPort()));
      String ca = "file:" + host.tlsFile("ca.crt");
      PemSslStoreDetails trust = PemSslStoreDetails.forCertificate(ca);
      PemSslStoreDetails identity =
          PemSslStoreDetails.forCertificate("file:" + host.tlsFile("client.crt"))
              .withPrivateKey("file:" + host.tlsFile("client.key"));

      assertThat(statusOf(plugins, new PemSslStoreBundle(null, trust))).isEqualTo(403);
      assertThat(statusOf(plugins, new PemSslStoreBundle(identity, trust))).isEqualTo(200);
    }
  }

  private static int statusOf(URI uri, PemSslStoreBundle stores) throws Exception {
    try (HttpClient https =
        HttpClient.newBuilder().sslContext(SslBundle.of(stores).createSslContext()).build()) {
      return https
          .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
          .statusCode();
    }
  }

  /** Clients tidy paths up; a socket doesn't. */
  private static int rawStatus(int port, String path) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write(
              ("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Integer.parseInt(answer.split(" ")[1]);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "howdah.grcp, howdah.grpc",
    "howdah.grpc.adress, howdah.grpc.address",
    "howdah.limits.thread, howdah.limits.threads",
    "howdah.limits.deadlines.lifecycle-hok, lifecycle-hook",
    "howdah.plugins.good.limits.deadlines.archiv, archive",
    "howdah.plugins.good.fail-policy.prae, pre"
  })
  void aMisspeltKeyEndsTheStartWithTheNearestName(String key, String suggestion) {
    String value = key.contains("fail-policy") ? "fail" : "5s";
    assertThatThrownBy(
            () -> EmbeddedHost.in(another).classPathPlugins().property(key, value).start().close())
        .extracting(OperationsTest::rootCause, InstanceOfAssertFactories.THROWABLE)
        .hasMessageContaining(key)
        .hasMessageContaining("Did you mean")
        .hasMessageContaining(suggestion);
  }

  @ParameterizedTest
  @ValueSource(strings = {"lifecycle-hook", "archive", "enrich-configuration"})
  void whatAlwaysFailsCantBeConfiguredToBeIgnored(String rpc) {
    assertThatThrownBy(
            () ->
                EmbeddedHost.in(another)
                    .classPathPlugins()
                    .property("howdah.plugins.good.fail-policy." + rpc, "ignore")
                    .start()
                    .close())
        .extracting(OperationsTest::rootCause, InstanceOfAssertFactories.THROWABLE)
        .hasMessageContaining(rpc)
        .hasMessageContaining("always fails");
  }

  private static Throwable rootCause(Throwable thrown) {
    return thrown.getCause() == null ? thrown : rootCause(thrown.getCause());
  }

  @Test
  void stoppingLetsACallFinishAndTakesTheSocketsAway() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch mayEnd = new CountDownLatch(1);
    EmbeddedHost stopping =
        EmbeddedHost.in(another)
            .classPathPlugins()
            .plugin(
                "good",
                TestPlugin.of(
                    GOOD,
                    hooks ->
                        hooks.preReconcileCluster(
                            context -> {
                              running.countDown();
                              try {
                                mayEnd.await();
                              } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                              }
                              return Reconcile.proceed();
                            })))
            .start();
    try (HostClient caller = new HostClient(stopping)) {
      Path socket = stopping.socket(GOOD);
      Protocol.Rpc pre = Protocol.rpc("ReconcilerHooks/Pre");
      Channel channel = caller.socket(GOOD);
      CompletableFuture<Status> call =
          CompletableFuture.supplyAsync(
              () -> pre.status(channel, pre.request(Clusters.naming(GOOD))),
              Thread::startVirtualThread);
      assertThat(running.await(10, TimeUnit.SECONDS)).isTrue();

      CompletableFuture<Void> stopped =
          CompletableFuture.runAsync(stopping::close, Thread::startVirtualThread);
      Awaitility.await().until(() -> !Files.exists(socket) || !accepts(caller, socket));
      assertThat(stopped).isNotDone();
      mayEnd.countDown();

      assertThat(call.get(10, TimeUnit.SECONDS)).isEqualTo(Status.OK);
      stopped.get(10, TimeUnit.SECONDS);
      try (Stream<Path> left = Files.list(socket.getParent())) {
        assertThat(left).isEmpty();
      }
    }
  }

  private static boolean accepts(HostClient caller, Path socket) {
    try {
      HostClient.metadata(caller.socket(socket));
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }
}
