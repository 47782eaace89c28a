package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.audit.VerificationReport.End;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What is on disk when, and what a restart makes of it. */
class TrailOnDiskTest {

  @TempDir private Path folder;
  private final TrailKey key = TrailKey.ephemeral();

  private Path trailFolder() {
    return folder.resolve("trail");
  }

  private AuditSettings settings() {
    return AuditSettings.inFolder("host-a", key, trailFolder());
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
}
