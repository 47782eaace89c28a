package dev.howdah.host.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StableMessageTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "no such bucket (Service: S3, Status Code: 404, Request ID: AB12, Extended Request ID:"
            + " x/Y=) | no such bucket (Service: S3, Status Code: 404, Request ID: <id>, Extended"
            + " Request ID: <id>)",
        "expired 2026-11-22T10:11:12.345Z | expired <time>",
        "failed at 10:11:12,345 | failed at <time>",
        "lost com.example.Thing@1b2c3d4e | lost com.example.Thing@<id>",
        "timeout after 1234 ms | timeout after <duration>",
        "reset by 10.0.0.7:54321 | reset by 10.0.0.7:<port>",
        "job 6f1c7e0a-1111-2222-3333-444455556666 failed | job <id> failed",
      })
  void whatVariesIsReplaced(String message, String stable) {
    assertThat(StableMessage.of(message, "")).isEqualTo(stable);
  }

  @ParameterizedTest
  @CsvSource({
    "WAL 00000001000000000000000A is not in the archive",
    "spec.plugins[0].parameters.size must be at most 30s",
    "connection to localhost:5432 refused",
    "the bucket 'backups-2026' does not exist",
  })
  void whatIsStableStays(String message) {
    assertThat(StableMessage.of(message, "")).isEqualTo(message);
  }

  @Test
  void aStackTraceIsCutToItsFirstLine() {
    assertThat(StableMessage.of("it broke\n\tat com.example.Thing.run(Thing.java:12)", ""))
        .isEqualTo("it broke");
  }

  @Test
  void aLongMessageIsCut() {
    assertThat(StableMessage.of("x".repeat(100_000), "")).hasSize(500).endsWith("…");
  }

  @Test
  void silenceIsReplaced() {
    assertThat(StableMessage.of(null, "it failed")).isEqualTo("it failed");
    assertThat(StableMessage.of(" \n", "it failed")).isEqualTo("it failed");
  }

  @Property(tries = 200)
  void idsAndTimesNeverComeThrough(
      @ForAll long high, @ForAll @LongRange(min = 0, max = 4_000_000_000L) long second) {
    String one = message(new UUID(high, second), second);
    String other = message(UUID.randomUUID(), second / 2 + 1);

    assertThat(StableMessage.of(one, "")).isEqualTo(StableMessage.of(other, ""));
  }

  private static String message(UUID id, long second) {
    return "call %s failed at %s".formatted(id, java.time.Instant.ofEpochSecond(second));
  }
}
