package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.audit.VerificationReport.End;
import dev.howdah.plugin.audit.AuditEvent;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** What a record holds, and where it goes. */
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
}
