package dev.howdah.host.audit;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What tests of trails have in common. */
final class Trails {

  static final JsonMapper JSON = new JsonMapper();

  static final AuditRules DURABLE =
      new AuditRules(List.of(AuditRule.at(AuditLevel.REQUEST_RESPONSE).durable().build()));

  static final AuditRules EVERYTHING =
      new AuditRules(List.of(AuditRule.at(AuditLevel.REQUEST_RESPONSE).build()));

  private Trails() {}

  static AuditTrail open(AuditSettings settings) {
    return AuditTrail.open(settings, new SimpleMeterRegistry(), Clock.systemUTC());
  }

  static AuditEntry.Builder call() {
    return AuditEntry.call(
            "hello.example.com", "cnpgi.operator_lifecycle.v1.OperatorLifecycle", "LifecycleHook")
        .mode("operator")
        .cluster("app", "orders", "0c6f8a1e")
        .caller("CN=cloudnative-pg")
        .latency(Duration.ofMillis(3));
  }

  static void recordDurably(AuditTrail trail, AuditEntry entry) throws Exception {
    trail.record(entry).answerable().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  static AuditSettings.FileSink rotatingAt(Path directory, long bytes) {
    return new AuditSettings.FileSink(directory, bytes, Duration.ZERO, 0, 0, Duration.ZERO);
  }

  static List<Path> files(Path directory, String writer) throws IOException {
    return TrailFileName.list(directory).stream()
        .filter(file -> TrailFileName.parse(file).orElseThrow().writer().equals(writer))
        .toList();
  }

  static List<JsonNode> lines(Path place) throws IOException {
    try (Stream<JsonNode> lines = TrailReader.read(place)) {
      return lines.toList();
    }
  }

  static List<JsonNode> records(Path place) throws IOException {
    return lines(place).stream()
        .filter(line -> line.path("type").asString().equals("record"))
        .toList();
  }

  static List<String> read(Path file) throws IOException {
    return new ArrayList<>(Files.readAllLines(file, StandardCharsets.UTF_8));
  }

  static void write(Path file, List<String> lines) throws IOException {
    Files.write(file, lines, StandardCharsets.UTF_8);
  }

  static VerificationReport verify(Path place, TrailPublicKey key, Path... heads)
      throws IOException {
    return new TrailVerifier(List.of(key), TrailHeads.read(List.of(heads))).verify(place);
  }
}
