package dev.howdah.host.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.host.EmbeddedHost;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginState;
import dev.howdah.host.config.HowdahProperties.Kubernetes;
import dev.howdah.host.config.HowdahProperties.KubernetesUse;
import dev.howdah.host.config.Mode;
import dev.howdah.host.discovery.JarBuilder;
import dev.howdah.host.testing.Http;
import dev.howdah.host.testing.Kubeconfig;
import dev.howdah.host.testing.MockApi;
import dev.howdah.host.testing.TestPlugin;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.KubernetesMockServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** One replica leads, another takes over, and nobody needs a leader to serve. */
class LeaderElectionTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration LEASE = Duration.ofSeconds(2);

  @TempDir Path first;
  @TempDir Path second;
  private final KubernetesMockServer server = MockApi.keeping();
  private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() {
    server.init();
  }

  @AfterEach
  void stop() throws Exception {
    try {
      for (AutoCloseable one : open.reversed()) {
        one.close();
      }
    } finally {
      server.destroy();
    }
  }

  @Test
  void ofTwoHostsOneLeadsAndTheOtherTakesOverWhenItStops() throws IOException {
    CountedWork ones = new CountedWork();
    CountedWork others = new CountedWork();
    dropIn(first);
    EmbeddedHost one = host(first, "replica-0", ones);
    await().atMost(PATIENCE).until(() -> ones.runs.get() > 0);
    EmbeddedHost other = host(second, "replica-1", others);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> assertThat(details(other).path("holder").asString("")).isEqualTo("replica-0"));

    assertThat(details(one).path("leader").asBoolean()).isTrue();
    assertThat(details(other).path("leader").asBoolean()).isFalse();
    assertThat(Http.get(one.httpBase() + "/actuator/prometheus").body())
        .contains("howdah_leader 1.0");
    assertThat(Http.get(other.httpBase() + "/actuator/prometheus").body())
        .contains("howdah_leader 0.0");
    assertThat(others.runs).hasValue(0);
    assertThat(one.catalog().byId("client").orElseThrow().serving())
        .as("a drop-in gets the host's client")
        .isPresent();

    long stopped = System.nanoTime();
    one.close();
    await().atMost(PATIENCE).until(() -> others.runs.get() > 0);
    assertThat(Duration.ofNanos(System.nanoTime() - stopped))
        .as("the lease was given back")
        .isLessThan(PATIENCE);
    assertThat(details(other).path("holder").asString("")).isEqualTo("replica-1");
  }

  @Test
  void aLeaderGivesTheLeaseBackSoThatNobodyWaitsForItsEnd() throws IOException {
    LeaderElection election = election("replica-0", Duration.ofMinutes(5), new CountedWork());
    await().atMost(PATIENCE).until(election::leader);
    assertThat(lease().getSpec().getHolderIdentity()).isEqualTo("replica-0");

    election.stop();

    assertThat(election.leader()).isFalse();
    assertThat(lease().getSpec().getLeaseDurationSeconds()).isEqualTo(1);
    LeaderElection next = election("replica-1", Duration.ofMinutes(5), new CountedWork());
    await().atMost(PATIENCE).until(next::leader);
  }

  @Test
  void aLeaderThatLostTheLeaseLeadsAgainWhenItIsFree() throws IOException {
    CountedWork work = new CountedWork();
    LeaderElection election = election("replica-0", LEASE, work);
    await().atMost(PATIENCE).until(() -> work.runs.get() > 0);

    try (KubernetesClient client = server.createClient()) {
      for (int turn = 1; turn <= 2; turn++) {
        client
            .leases()
            .inNamespace("cnpg-system")
            .withName("howdah-leader")
            .edit(
                lease -> {
                  lease.getSpec().setHolderIdentity("intruder");
                  lease.getSpec().setRenewTime(ZonedDateTime.now(ZoneOffset.UTC));
                  lease.getSpec().setLeaseDurationSeconds(1);
                  return lease;
                });
        await().atMost(PATIENCE).until(() -> !election.leader());
        int done = work.runs.get();

        await().atMost(PATIENCE).until(election::leader);
        await().atMost(PATIENCE).until(() -> work.runs.get() > done);
      }
    }
  }

  @Test
  void workThatFailsIsDoneAgainAndCounted() throws IOException {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    CountedWork work =
        new CountedWork() {
          @Override
          public void run() throws InterruptedException {
            super.run();
            if (runs.get() == 1) {
              throw new IllegalStateException("the first run fails");
            }
          }
        };
    LeaderElection election = new LeaderElection(api("replica-0"), LEASE, List.of(work), meters);
    open.add(election::stop);
    election.start();

    await().atMost(PATIENCE).until(() -> work.runs.get() > 2);
    assertThat(meters.get("howdah.leader.work.failures").tag("work", "counted").counter().count())
        .isEqualTo(1);
  }

  @Test
  void whereNobodyHasWorkNothingIsElected() throws IOException {
    LeaderElection election =
        new LeaderElection(api("replica-0"), LEASE, List.of(), new SimpleMeterRegistry());
    election.start();

    assertThat(election.isRunning()).isFalse();
    assertThat(server.getRequestCount()).isZero();
  }

  @Test
  void aHostWithoutAnApiServesAndSaysWhyAPluginThatNeedsOneDoesnt() throws IOException {
    dropIn(first);
    try (EmbeddedHost host =
        EmbeddedHost.in(first)
            .classPathPlugins()
            .property("howdah.kubernetes.enabled", "false")
            .plugin("other", TestPlugin.of("other.example.com", hooks -> {}))
            .start()) {
      assertThat(host.catalog().byId("other").orElseThrow().serving()).isPresent();
      PluginHandle needsApi = host.catalog().byId("client").orElseThrow();
      assertThat(needsApi.state()).isEqualTo(PluginState.FAILED);
      assertThat(needsApi.problem().orElseThrow().toString()).contains("KubernetesClient");
      assertThat(Http.json(host.httpBase() + "/actuator/health").at("/status").asString(""))
          .isEqualTo("UP");
    }
    assertThat(server.getRequestCount()).isZero();
  }

  private static void dropIn(Path home) throws IOException {
    JarBuilder.jar()
        .manifest("client")
        .pluginSource(
            "client",
            """
            public It(io.fabric8.kubernetes.client.KubernetesClient client) {
              java.util.Objects.requireNonNull(client.getMasterUrl());
            }
            """,
            "java.util.Map.of()")
        .write(Files.createDirectories(home.resolve("drop-in")).resolve("client.jar"));
  }

  private static class CountedWork implements LeaderWork {
    final AtomicInteger runs = new AtomicInteger();

    @Override
    public String name() {
      return "counted";
    }

    @Override
    public Duration interval() {
      return Duration.ofMillis(50);
    }

    @Override
    public void run() throws InterruptedException {
      runs.incrementAndGet();
    }
  }

  private EmbeddedHost host(Path home, String identity, LeaderWork work) throws IOException {
    EmbeddedHost host =
        EmbeddedHost.in(home)
            .classPathPlugins()
            .property("howdah.kubernetes.kubeconfig", kubeconfig(home))
            .property("howdah.kubernetes.identity", identity)
            .property("howdah.kubernetes.lease-duration", "2s")
            .bean(LeaderWork.class, work)
            .start();
    open.add(host);
    return host;
  }

  private Path kubeconfig(Path home) throws IOException {
    return Kubeconfig.write(Files.createDirectories(home), server.url("/"), "cnpg-system");
  }

  private LeaderElection election(String identity, Duration lease, LeaderWork work)
      throws IOException {
    LeaderElection election =
        new LeaderElection(api(identity), lease, List.of(work), new SimpleMeterRegistry());
    open.add(election::stop);
    election.start();
    return election;
  }

  private KubernetesApi api(String identity) throws IOException {
    KubernetesApi api =
        new KubernetesPlace(
                new Kubernetes(
                    KubernetesUse.AUTO,
                    kubeconfig(first.resolve(identity)),
                    null,
                    "howdah",
                    identity,
                    LEASE),
                Mode.OPERATOR,
                name -> null,
                first)
            .find();
    open.add(api);
    return api;
  }

  private Lease lease() {
    try (KubernetesClient client = server.createClient()) {
      return client.leases().inNamespace("cnpg-system").withName("howdah-leader").get();
    }
  }

  private static JsonNode details(EmbeddedHost host) {
    return Http.json(host.httpBase() + "/actuator/health").at("/components/kubernetes/details");
  }
}
