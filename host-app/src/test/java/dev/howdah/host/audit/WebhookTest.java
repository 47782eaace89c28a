package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP sink against a real server. */
class WebhookTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  /** What the server got. */
  private record Received(String body, Map<String, List<String>> headers) {}

  @TempDir private Path folder;
  private final TrailKey key = TrailKey.ephemeral();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final List<Received> taken = new CopyOnWriteArrayList<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final CountDownLatch hold = new CountDownLatch(1);
  private final ExecutorService serverThreads = Executors.newCachedThreadPool();
  private volatile IntUnaryOperator answer = request -> 204;
  private volatile boolean held;
  private HttpServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(serverThreads);
    server.createContext("/audit", this::handle);
    server.start();
  }

  @AfterEach
  void stopServer() {
    hold.countDown();
    server.stop(0);
    serverThreads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      if (held) {
        hold.await();
      }
      int status = answer.applyAsInt(requests.incrementAndGet());
      if (status == 204) {
        taken.add(new Received(body, Map.copyOf(exchange.getRequestHeaders())));
      }
      exchange.sendResponseHeaders(status, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private AuditSettings.WebhookSink sink(AuditSettings.SinkQueue queue) {
    return new AuditSettings.WebhookSink(
        URI.create("http://localhost:" + server.getAddress().getPort() + "/audit"),
        Optional.of("shared secret"),
        Map.of("Authorization", "Bearer token-of-the-receiver"),
        10,
        Duration.ofMillis(20),
        Duration.ofSeconds(10),
        4,
        Duration.ofMillis(10),
        queue);
  }

  private AuditSettings settings(AuditSettings.WebhookSink sink) {
    return AuditSettings.inFolder("host-a", key, folder.resolve("trail"))
        .with(Trails.DURABLE)
        .with(sink);
  }

  private AuditTrail open(AuditSettings settings) {
    return AuditTrail.open(settings, registry, Clock.systemUTC());
  }

  private static AuditSettings.SinkQueue roomy() {
    return new AuditSettings.SinkQueue(10_000, AuditSettings.OverflowPolicy.DROP);
  }

  private double count(String meter, String sink) {
    return registry.get(meter).tag("sink", sink).counter().count();
  }

  @Test
  void every_line_arrives_once_in_order_and_verifies() throws Exception {
    try (AuditTrail trail = open(settings(sink(roomy())))) {
      for (int i = 0; i < 35; i++) {
        Trails.recordDurably(trail, Trails.call().build());
      }
    }

    Path collected = folder.resolve("collected.jsonl");
    Files.writeString(collected, String.join("", taken.stream().map(Received::body).toList()));
    assertThat(Trails.records(collected)).hasSize(35);
    VerificationReport report = Trails.verify(collected, key.publicKey());
    assertThat(report.findings()).isEmpty();
    assertThat(report.writers().getFirst().end()).isEqualTo(VerificationReport.End.CLOSED);
    assertThat(taken).hasSizeGreaterThan(3);
    assertThat(count("howdah.audit.written", "webhook")).isEqualTo(Trails.lines(collected).size());
  }

  @Test
  void a_batch_is_signed_and_carries_the_configured_headers() throws Exception {
    try (AuditTrail trail = open(settings(sink(roomy())))) {
      Trails.recordDurably(trail, Trails.call().build());
    }

    Received first = taken.getFirst();
    assertThat(first.headers().get("Howdah-signature"))
        .containsExactly(
            "sha256="
                + WebhookDelivery.hmac(
                    "shared secret", first.body().getBytes(StandardCharsets.UTF_8)));
    assertThat(first.headers().get("Authorization"))
        .containsExactly("Bearer token-of-the-receiver");
    assertThat(first.headers().get("Content-type")).containsExactly("application/x-ndjson");
  }

  @Test
  void a_batch_is_tried_again_until_it_is_taken() throws Exception {
    answer = request -> request <= 2 ? 503 : 204;
    try (AuditTrail trail = open(settings(sink(roomy())))) {
      Trails.recordDurably(trail, Trails.call().build());
      Awaitility.await().atMost(SOON).until(() -> !taken.isEmpty());
    }

    assertThat(count("howdah.audit.failed", "webhook")).isZero();
    assertThat(requests.get()).isGreaterThan(2);
  }

  @Test
  void a_batch_that_is_never_taken_is_counted_and_shows_in_the_health() throws Exception {
    answer = request -> 500;
    try (AuditTrail trail = open(settings(sink(roomy())))) {
      Awaitility.await().atMost(SOON).until(() -> count("howdah.audit.failed", "webhook") > 0);
      assertThat(trail.health().get("webhook").up()).isFalse();
      assertThat(trail.health().get("webhook").problem())
          .isEqualTo("The audit webhook answered 500.");
      assertThat(trail.health().get("trail").up()).isTrue();

      answer = request -> 204;
      Trails.recordDurably(trail, Trails.call().build());
      Awaitility.await().atMost(SOON).until(() -> trail.health().get("webhook").up());
    }
  }

  @Test
  void an_answer_that_says_never_is_not_tried_again() {
    answer = request -> 400;
    try (AuditTrail trail = open(settings(sink(roomy())))) {
      Awaitility.await().atMost(SOON).until(() -> count("howdah.audit.failed", "webhook") > 0);
      assertThat(requests.get()).isEqualTo(1);
      assertThat(trail.health().get("webhook").up()).isFalse();
    }
  }

  @Test
  void a_receiver_that_hangs_holds_up_nobody_and_what_it_misses_is_counted() throws Exception {
    held = true;
    AuditSettings.SinkQueue small =
        new AuditSettings.SinkQueue(5, AuditSettings.OverflowPolicy.DROP);
    try (AuditTrail trail = open(settings(sink(small)))) {
      for (int i = 0; i < 40; i++) {
        Trails.recordDurably(trail, Trails.call().build());
      }
      assertThat(count("howdah.audit.dropped", "webhook")).isGreaterThan(40);
      assertThat(registry.get("howdah.audit.lag").tag("sink", "webhook").gauge().value())
          .isPositive();
      hold.countDown();
    }
    assertThat(Trails.records(folder.resolve("trail"))).hasSize(40);
  }

  @Test
  void with_the_policy_to_block_a_receiver_that_hangs_makes_callers_wait_and_loses_nothing()
      throws Exception {
    held = true;
    AuditSettings.SinkQueue small =
        new AuditSettings.SinkQueue(5, AuditSettings.OverflowPolicy.BLOCK);
    AuditSettings settings =
        settings(sink(small))
            .with(Trails.EVERYTHING)
            .with(new AuditSettings.Queue(10, 1 << 20, AuditSettings.OverflowPolicy.BLOCK));
    // The trail closes first, which refuses callers that still wait, so a failure here ends, too.
    try (ExecutorService caller = Executors.newSingleThreadExecutor();
        AuditTrail trail = open(settings)) {
      CountDownLatch done = new CountDownLatch(1);
      AtomicInteger offered = new AtomicInteger();
      caller.submit(
          () -> {
            for (int i = 0; i < 1_500; i++) {
              var unused = trail.record(Trails.call().build());
              offered.incrementAndGet();
            }
            done.countDown();
          });
      Awaitility.await()
          .atMost(SOON)
          .until(() -> registry.get("howdah.audit.lag").tag("sink", "trail").gauge().value() > 1);
      assertThat(offered.get()).isLessThan(1_500);

      hold.countDown();
      assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
    }

    assertThat(count("howdah.audit.dropped", "trail")).isZero();
    assertThat(count("howdah.audit.dropped", "webhook")).isZero();
    assertThat(Trails.records(folder.resolve("trail"))).hasSize(1_500);
  }

  @Test
  @Timeout(60)
  void a_batch_longer_than_the_queue_passes_through_it() throws Exception {
    List<byte[]> delivered = new CopyOnWriteArrayList<>();
    SinkLane lane =
        new SinkLane(
            "small",
            new AuditSettings.SinkQueue(2, AuditSettings.OverflowPolicy.BLOCK),
            10,
            Duration.ZERO,
            delivered::addAll,
            registry);
    List<byte[]> lines = Collections.nCopies(7, new byte[] {'x'});
    try (lane) {
      lane.start();
      // Not before the lane waits for its first line.
      Awaitility.await().atMost(SOON).until(lane::idle);
      lane.accept(lines);
      Awaitility.await().atMost(SOON).until(() -> delivered.size() == lines.size());
    }
  }

  @Test
  void with_the_policy_to_drop_a_full_queue_costs_no_time_and_fails_durable_callers()
      throws Exception {
    held = true;
    AuditSettings settings =
        settings(sink(new AuditSettings.SinkQueue(5, AuditSettings.OverflowPolicy.BLOCK)))
            .with(new AuditSettings.Queue(10, 1 << 20, AuditSettings.OverflowPolicy.DROP));
    try (AuditTrail trail = open(settings)) {
      List<AuditReceipt> receipts = new CopyOnWriteArrayList<>();
      Awaitility.await()
          .atMost(SOON)
          .until(
              () -> {
                receipts.add(trail.record(Trails.call().build()));
                return count("howdah.audit.dropped", "trail") > 0;
              });

      assertThat(receipts.getLast().answerable().toCompletableFuture()).isCompletedExceptionally();
      hold.countDown();
    }
  }

  @Test
  void heads_are_posted_too() throws Exception {
    AuditSettings settings =
        AuditSettings.inFolder("host-a", key, folder.resolve("trail"))
            .with(Trails.DURABLE)
            .with(
                new AuditSettings.Heads(
                    Optional.empty(),
                    false,
                    Optional.of(
                        URI.create("http://localhost:" + server.getAddress().getPort() + "/audit")),
                    Duration.ofMillis(1)));
    try (AuditTrail trail = open(settings)) {
      Trails.recordDurably(trail, Trails.call().build());
    }

    Path heads = folder.resolve("heads.jsonl");
    Files.writeString(heads, taken.getLast().body());
    VerificationReport report = Trails.verify(folder.resolve("trail"), key.publicKey(), heads);
    assertThat(report.findings()).isEmpty();
    assertThat(report.limits()).isEmpty();
  }
}
