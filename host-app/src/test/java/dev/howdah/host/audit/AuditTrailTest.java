package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.howdah.host.audit.VerificationReport.End;
import dev.howdah.plugin.audit.AuditEvent;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

class AuditTrailTest {

  @TempDir private Path folder;
  private final TrailKey key = TrailKey.ephemeral();

  private Path trailFolder() {
    return folder.resolve("trail");
  }

  private AuditSettings settings() {
    return AuditSettings.inFolder("host-a", key, trailFolder());
  }

  private JsonNode onlyRecord() throws Exception {
    List<JsonNode> records = Trails.records(trailFolder());
    assertThat(records).hasSize(1);
    return records.getFirst();
  }

  @Test
  void a_record_has_every_field_of_the_call() throws Exception {
    AuditEntry entry =
        Trails.call()
            .time(Instant.parse("2026-03-01T12:00:00.123Z"))
            .operation("CREATE")
            .object("", "Pod", "app", "orders-1")
            .outcome("INVALID_ARGUMENT")
            .latency(Duration.ofNanos(1_234_567))
            .request(() -> Trails.JSON.readTree("{\"asked\":1}"))
            .response(() -> Trails.JSON.readTree("{\"answered\":2}"))
            .detail("why", "because")
            .build();
    try (AuditTrail trail = Trails.open(settings().with(Trails.DURABLE))) {
      Trails.recordDurably(trail, entry);
    }

    JsonNode record = onlyRecord();
    assertThat(record.path("id").asString()).isEqualTo(entry.id());
    assertThat(record.path("writer").asString()).matches("host-a-[0-9a-f]{8}");
    assertThat(record.path("seq").asLong()).isEqualTo(4);
    assertThat(record.path("kind").asString()).isEqualTo("call");
    assertThat(record.path("time").asString()).isEqualTo("2026-03-01T12:00:00.123Z");
    assertThat(record.path("plugin").asString()).isEqualTo("hello.example.com");
    assertThat(record.path("service").asString())
        .isEqualTo("cnpgi.operator_lifecycle.v1.OperatorLifecycle");
    assertThat(record.path("method").asString()).isEqualTo("LifecycleHook");
    assertThat(record.path("mode").asString()).isEqualTo("operator");
    assertThat(record.path("cluster").toString())
        .isEqualTo("{\"name\":\"orders\",\"namespace\":\"app\",\"uid\":\"0c6f8a1e\"}");
    assertThat(record.path("object").toString())
        .isEqualTo("{\"kind\":\"Pod\",\"name\":\"orders-1\",\"namespace\":\"app\"}");
    assertThat(record.path("caller").asString()).isEqualTo("CN=cloudnative-pg");
    assertThat(record.path("outcome").asString()).isEqualTo("INVALID_ARGUMENT");
    assertThat(record.path("latencyMicros").asLong()).isEqualTo(1234);
    assertThat(record.path("request").toString()).isEqualTo("{\"asked\":1}");
    assertThat(record.path("response").toString()).isEqualTo("{\"answered\":2}");
    assertThat(record.path("details").toString()).isEqualTo("{\"why\":\"because\"}");
  }

  @Test
  void each_level_holds_no_more_than_it_says() throws Exception {
    AuditRules rules =
        new AuditRules(
            List.of(
                AuditRule.at(AuditLevel.NONE).methods("None").build(),
                AuditRule.at(AuditLevel.METADATA).methods("Metadata").build(),
                AuditRule.at(AuditLevel.REQUEST).methods("Request").build(),
                AuditRule.at(AuditLevel.REQUEST_RESPONSE).build()));
    try (AuditTrail trail = Trails.open(settings().with(rules))) {
      for (String method : List.of("None", "Metadata", "Request", "Both")) {
        trail.record(
            AuditEntry.call("p.example.com", "s", method)
                .request(() -> JsonNodeFactory.instance.stringNode("asked"))
                .response(() -> JsonNodeFactory.instance.stringNode("answered"))
                .build());
      }
    }

    List<JsonNode> records = Trails.records(trailFolder());
    assertThat(records.stream().map(r -> r.path("method").asString()))
        .containsExactly("Metadata", "Request", "Both");
    assertThat(records.stream().map(r -> r.has("request"))).containsExactly(false, true, true);
    assertThat(records.stream().map(r -> r.has("response"))).containsExactly(false, false, true);
  }

  @Test
  void what_no_rule_keeps_is_never_rendered() {
    try (AuditTrail trail = Trails.open(settings())) {
      AuditReceipt receipt =
          trail.record(
              AuditEntry.call("p.example.com", "s", "Probe")
                  .request(
                      () -> {
                        throw new AssertionError("rendered");
                      })
                  .build());

      assertThat(receipt.kept()).isFalse();
      assertThat(receipt.answerable().toCompletableFuture()).isCompleted();
    }
  }

  @Test
  void a_durable_record_is_on_disk_when_its_caller_may_be_answered() throws Exception {
    try (AuditTrail trail = Trails.open(settings().with(Trails.DURABLE))) {
      for (int i = 0; i < 20; i++) {
        AuditEntry entry = Trails.call().build();
        Trails.recordDurably(trail, entry);

        assertThat(Trails.records(trailFolder()).getLast().path("id").asString())
            .isEqualTo(entry.id());
        assertThat(Trails.lines(trailFolder()).getLast().path("type").asString())
            .isEqualTo("checkpoint");
      }
    }
  }

  @Test
  void a_record_that_nobody_waits_for_is_attested_within_the_sync_interval() {
    try (AuditTrail trail = Trails.open(settings().with(Trails.EVERYTHING))) {
      trail.record(Trails.call().build());

      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .untilAsserted(
              () -> {
                List<JsonNode> lines = Trails.lines(trailFolder());
                assertThat(lines).hasSize(5);
                assertThat(lines.getLast().path("type").asString()).isEqualTo("checkpoint");
              });
    }
  }

  @Test
  void callers_at_the_same_time_share_checkpoints() throws Exception {
    try (AuditTrail trail = Trails.open(settings().with(Trails.DURABLE));
        ExecutorService callers = Executors.newFixedThreadPool(16)) {
      for (int i = 0; i < 400; i++) {
        callers.submit(
            () -> {
              Trails.recordDurably(trail, Trails.call().build());
              return null;
            });
      }
      callers.shutdown();
      assertThat(callers.awaitTermination(60, TimeUnit.SECONDS)).isTrue();
    }

    List<JsonNode> lines = Trails.lines(trailFolder());
    assertThat(lines.stream().filter(l -> l.path("type").asString().equals("record"))).hasSize(400);
    assertThat(lines.stream().filter(l -> l.path("type").asString().equals("checkpoint")).count())
        .isLessThan(350);
    assertThat(Trails.verify(trailFolder(), key.publicKey()).findings()).isEmpty();
  }

  @Test
  void the_same_host_continues_its_own_chain_after_a_restart() throws Exception {
    String writer;
    try (AuditTrail trail = Trails.open(settings().with(Trails.DURABLE))) {
      writer = trail.writer();
      Trails.recordDurably(trail, Trails.call().build());
    }
    try (AuditTrail trail = Trails.open(settings().with(Trails.DURABLE))) {
      assertThat(trail.writer()).isEqualTo(writer);
      Trails.recordDurably(trail, Trails.call().build());
    }

    VerificationReport report = Trails.verify(trailFolder(), key.publicKey());
    assertThat(report.findings()).isEmpty();
    assertThat(report.writers()).hasSize(1);
    assertThat(Trails.files(trailFolder(), writer)).hasSize(1);
  }

  @Test
  void two_processes_of_one_host_write_two_chains() throws Exception {
    try (AuditTrail one = Trails.open(settings().with(Trails.DURABLE));
        AuditTrail two = Trails.open(settings().with(Trails.DURABLE))) {
      assertThat(one.writer()).isNotEqualTo(two.writer());
      Trails.recordDurably(one, Trails.call().build());
      Trails.recordDurably(two, Trails.call().build());
    }

    VerificationReport report = Trails.verify(trailFolder(), key.publicKey());
    assertThat(report.findings()).isEmpty();
    assertThat(report.writers()).hasSize(2);
  }

  @Test
  void a_torn_last_line_is_dropped_at_the_next_start_and_said_in_the_chain() throws Exception {
    String writer;
    try (AuditTrail trail = Trails.open(settings().with(Trails.DURABLE))) {
      writer = trail.writer();
      Trails.recordDurably(trail, Trails.call().build());
    }
    Path file = Trails.files(trailFolder(), writer).getFirst();
    Files.writeString(file, "{\"half\":", StandardOpenOption.APPEND);
    try (AuditTrail trail = Trails.open(settings().with(Trails.DURABLE))) {
      Trails.recordDurably(trail, Trails.call().build());
    }

    VerificationReport report = Trails.verify(trailFolder(), key.publicKey());
    assertThat(report.findings()).isEmpty();
    assertThat(report.writers().getFirst().end()).isEqualTo(End.CLOSED);
    assertThat(report.writers().getFirst().summary()).contains("8 bytes of an unfinished line");
  }

  @Test
  void lines_found_without_a_checkpoint_are_named_before_they_are_signed() throws Exception {
    String writer;
    try (AuditTrail trail = Trails.open(settings().with(Trails.DURABLE))) {
      writer = trail.writer();
      Trails.recordDurably(trail, Trails.call().build());
    }
    Path file = Trails.files(trailFolder(), writer).getFirst();
    List<String> lines = Trails.read(file);
    Trails.write(file, lines.subList(0, lines.size() - 1));
    try (AuditTrail trail = Trails.open(settings().with(Trails.DURABLE))) {
      Trails.recordDurably(trail, Trails.call().build());
    }

    assertThat(Trails.verify(trailFolder(), key.publicKey()).writers().getFirst().summary())
        .contains("lines 6 to 6 were found after a crash and had not been attested before it");
  }

  @Test
  void what_retention_removed_leaves_the_rest_verifiable() throws Exception {
    AuditSettings.FileSink keepThree =
        new AuditSettings.FileSink(trailFolder(), 4_000, Duration.ZERO, 3, 0, Duration.ZERO);
    String writer;
    try (AuditTrail trail = Trails.open(settings().with(Trails.DURABLE).with(keepThree))) {
      writer = trail.writer();
      for (int i = 0; i < 60; i++) {
        Trails.recordDurably(trail, Trails.call().build());
      }
    }

    assertThat(Trails.files(trailFolder(), writer)).hasSizeBetween(2, 4);
    VerificationReport report = Trails.verify(trailFolder(), key.publicKey());
    assertThat(report.findings()).isEmpty();
    assertThat(report.writers().getFirst().first()).isGreaterThan(50);
    assertThat(report.writers().getFirst().summary()).contains("removed by the writer's retention");

    Files.delete(Trails.files(trailFolder(), writer).getFirst());
    assertThat(Trails.verify(trailFolder(), key.publicKey()).intact()).isFalse();
  }

  @Test
  void an_entry_with_a_key_is_kept_once_across_restarts() throws Exception {
    AuditSettings settings = settings().with(Trails.DURABLE);
    for (int run = 0; run < 2; run++) {
      try (AuditTrail trail = Trails.open(settings)) {
        Trails.recordDurably(trail, AuditEntry.change("UPDATE").key("review-1").build());
        Trails.recordDurably(trail, AuditEntry.change("UPDATE").key("review-1").build());
      }
    }

    assertThat(onlyRecord().path("key").asString()).isEqualTo("review-1");
  }

  @Test
  void a_change_is_kept_with_who_made_it_and_every_field() throws Exception {
    JsonNode before = Trails.JSON.readTree("{\"metadata\":{},\"spec\":{\"instances\":3}}");
    JsonNode after =
        Trails.JSON.readTree(
            "{\"metadata\":{},\"spec\":{\"instances\":1,\"password\":\"hunter2\"}}");
    try (AuditTrail trail = Trails.open(settings())) {
      trail.record(
          AuditEntry.change("UPDATE")
              .cluster("app", "orders", "u")
              .actor(new AuditEntry.Actor("jane", "77", List.of("dba"), "admission"))
              .before(before)
              .after(after)
              .build());
    }

    JsonNode record = onlyRecord();
    assertThat(record.path("actor").toString())
        .isEqualTo(
            "{\"groups\":[\"dba\"],\"source\":\"admission\",\"uid\":\"77\",\"user\":\"jane\"}");
    assertThat(record.path("diff").toString())
        .isEqualTo(
            "[{\"after\":1,\"before\":3,\"path\":\"/spec/instances\"},"
                + "{\"after\":\"[redacted]\",\"path\":\"/spec/password\"}]");
  }

  @Test
  void a_plugin_publishes_under_its_own_name_only() throws Exception {
    try (AuditTrail trail = Trails.open(settings())) {
      trail
          .publisher("audit.howdah.dev", "operator")
          .publish(
              AuditEvent.intended("object.create")
                  .object(new AuditEvent.ObjectIdentity("", "Pod", "app", "orders-1"))
                  .detail("token", "abc")
                  .payload(Trails.JSON.readTree("{\"spec\":1}"))
                  .build());
    }

    JsonNode record = onlyRecord();
    assertThat(record.path("plugin").asString()).isEqualTo("audit.howdah.dev");
    assertThat(record.path("kind").asString()).isEqualTo("event");
    assertThat(record.path("method").asString()).isEqualTo("object.create");
    assertThat(record.path("intended").asBoolean()).isTrue();
    assertThat(record.path("details").path("token").asString()).isEqualTo("[redacted]");
    assertThat(record.path("request").toString()).isEqualTo("{\"spec\":1}");
  }

  @Test
  void a_payload_that_is_too_long_is_kept_as_its_digest() throws Exception {
    try (AuditTrail trail = Trails.open(settings().with(Trails.EVERYTHING))) {
      trail.record(
          Trails.call()
              .request(() -> JsonNodeFactory.instance.stringNode("x".repeat(300 << 10)))
              .build());
    }

    JsonNode omitted = onlyRecord().path("request").path("omitted");
    assertThat(omitted.path("bytes").asLong()).isEqualTo((300 << 10) + 2);
    assertThat(omitted.path("sha256").asString()).hasSize(64);
  }

  @Test
  void a_payload_that_cannot_be_rendered_costs_no_record() throws Exception {
    try (AuditTrail trail = Trails.open(settings().with(Trails.EVERYTHING))) {
      trail.record(
          Trails.call()
              .request(
                  () -> {
                    throw new IllegalStateException("broken");
                  })
              .build());
    }

    assertThat(onlyRecord().path("request").toString()).isEqualTo("{\"unrenderable\":true}");
  }

  @Test
  void durable_records_on_ephemeral_storage_are_refused_at_start() throws Exception {
    Path memory = Path.of("/dev/shm");
    assumeThat(Files.isDirectory(memory) && Files.getFileStore(memory).type().equals("tmpfs"))
        .as("Ephemeral storage is told by the file system's type, and only Linux has one to try.")
        .isTrue();
    Path trail = Files.createTempDirectory(memory, "howdah-audit");
    try {
      AuditSettings settings = AuditSettings.inFolder("host-a", key, trail).with(Trails.DURABLE);

      assertThatThrownBy(() -> Trails.open(settings))
          .isInstanceOf(AuditException.class)
          .hasMessageContaining(trail + " is on tmpfs")
          .hasMessageContaining("Mount a persistent volume");
    } finally {
      Files.delete(trail);
    }
  }

  @Test
  void durable_records_without_a_file_sink_are_refused_at_start() {
    AuditSettings s = settings().with(Trails.DURABLE);
    AuditSettings noFile =
        new AuditSettings(
            s.host(),
            s.rules(),
            s.redaction(),
            s.key(),
            Optional.empty(),
            s.stdout(),
            s.webhook(),
            s.heads(),
            s.queue(),
            s.maxPayloadBytes(),
            s.syncInterval(),
            s.stopTimeout());

    assertThatThrownBy(() -> Trails.open(noFile))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("the file sink is off");
  }

  @Test
  void heads_inside_the_trail_are_refused_at_start() {
    AuditSettings settings =
        settings().with(AuditSettings.Heads.in(trailFolder().resolve("heads")));

    assertThatThrownBy(() -> Trails.open(settings))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("lies in the trail");
  }

  @Test
  void after_stopping_a_durable_record_fails_its_caller() {
    AuditTrail trail = Trails.open(settings().with(Trails.DURABLE));
    trail.close();

    assertThat(trail.record(Trails.call().build()).answerable().toCompletableFuture())
        .isCompletedExceptionally();
  }

  @Test
  void a_file_that_cannot_be_written_fails_durable_callers_when_the_policy_is_to_drop()
      throws Exception {
    AuditSettings settings =
        settings()
            .with(Trails.DURABLE)
            .with(Trails.rotatingAt(trailFolder(), 3_000))
            .with(new AuditSettings.Queue(100, 1 << 20, AuditSettings.OverflowPolicy.DROP));
    Path away = folder.resolve("away");
    try (AuditTrail trail = Trails.open(settings)) {
      Trails.recordDurably(trail, Trails.call().build());
      Files.move(trailFolder(), away);
      assertThat(failsWithin(trail, 20)).as("the next file can't be made").isTrue();
      assertThat(trail.health().get("trail").up()).isFalse();

      Files.move(away, trailFolder());
      Trails.recordDurably(trail, Trails.call().build());
      assertThat(trail.health().get("trail").up()).isTrue();
    }
    assertThat(Trails.verify(trailFolder(), key.publicKey()).findings()).isEmpty();
  }

  private static boolean failsWithin(AuditTrail trail, int records) throws Exception {
    for (int i = 0; i < records; i++) {
      boolean failed =
          trail
              .record(Trails.call().build())
              .answerable()
              .toCompletableFuture()
              .handle((nothing, failure) -> failure != null)
              .get(20, TimeUnit.SECONDS);
      if (failed) {
        return true;
      }
    }
    return false;
  }

  @Test
  void standard_output_gets_every_line_of_a_chain_that_verifies() throws Exception {
    ByteArrayOutputStream captured = new ByteArrayOutputStream();
    AuditSettings s = settings().with(Trails.EVERYTHING);
    AuditSettings stdoutOnly =
        new AuditSettings(
            s.host(),
            s.rules(),
            s.redaction(),
            s.key(),
            Optional.empty(),
            Optional.of(new AuditSettings.SinkQueue(1_000, AuditSettings.OverflowPolicy.BLOCK)),
            s.webhook(),
            new AuditSettings.Heads(Optional.empty(), false, Optional.empty(), Duration.ZERO),
            s.queue(),
            s.maxPayloadBytes(),
            s.syncInterval(),
            s.stopTimeout());
    try (AuditTrail trail =
        AuditTrail.open(
            stdoutOnly,
            new SimpleMeterRegistry(),
            Clock.systemUTC(),
            new PrintStream(captured, true, StandardCharsets.UTF_8))) {
      for (int i = 0; i < 10; i++) {
        trail.record(Trails.call().build());
      }
    }

    Path file = folder.resolve("collected.log");
    Files.write(file, captured.toByteArray());
    assertThat(Trails.records(file)).hasSize(10);
    VerificationReport report = Trails.verify(file, key.publicKey());
    assertThat(report.findings()).isEmpty();
    assertThat(report.writers().getFirst().end()).isEqualTo(End.CLOSED);
  }

  @Test
  void the_signing_key_is_made_once_for_its_owner_only_and_read_again() throws Exception {
    Path file = folder.resolve("keys/audit.pem");
    TrailKey made = TrailKey.load(file, true);

    assertThat(TrailKey.load(file, false).publicKey().id()).isEqualTo(made.publicKey().id());
    assertThat(TrailPublicKey.load(folder.resolve("keys/audit.pem.pub")).id())
        .isEqualTo(made.publicKey().id());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void a_missing_signing_key_is_said_with_what_to_do() {
    assertThatThrownBy(() -> TrailKey.load(folder.resolve("none.pem"), false))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("openssl genpkey -algorithm ed25519");
  }
}
