package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kills a process with SIGKILL while it writes, again and again on the same trail. */
class CrashTest {

  private static final int KILLS = 6;

  @TempDir private Path folder;

  @Test
  void after_a_kill_the_trail_verifies_and_holds_every_acknowledged_record() throws Exception {
    Path trail = folder.resolve("trail");
    Path heads = folder.resolve("heads");
    Path key = folder.resolve("key.pem");
    TrailPublicKey publicKey = TrailKey.load(key, true).publicKey();
    Random random = new Random(42);
    Set<String> acknowledged = new HashSet<>();

    for (int kill = 0; kill < KILLS; kill++) {
      int before = acknowledged.size();
      writeUntilKilled(trail, heads, key, 150 + random.nextInt(450), acknowledged);
      assertThat(acknowledged.size()).isGreaterThan(before);

      VerificationReport report = Trails.verify(trail, publicKey, heads);
      assertThat(report.findings()).as("after kill %d", kill).isEmpty();
      assertThat(report.writers()).as("the same writer goes on").hasSize(1);
    }

    Set<String> kept =
        Trails.records(trail).stream()
            .map(line -> line.path("id").asString())
            .collect(Collectors.toSet());
    assertThat(kept).containsAll(acknowledged);
    assertThat(acknowledged).hasSizeGreaterThan(KILLS * 150);
  }

  /** Lets a child write until it has acknowledged so many records, then kills it. */
  private void writeUntilKilled(
      Path trail, Path heads, Path key, int records, Set<String> acknowledged)
      throws IOException, InterruptedException {
    String java = ProcessHandle.current().info().command().orElseThrow();
    Process child =
        new ProcessBuilder(
                java,
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                CrashingWriter.class.getName(),
                trail.toString(),
                heads.toString(),
                key.toString())
            .redirectError(Files.createTempFile(folder, "child", ".log").toFile())
            .start();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      int seen = 0;
      while ((line = out.readLine()) != null) {
        // A line without its end may be half an id; every id is a UUID's 36 characters.
        if (line.length() == 36) {
          acknowledged.add(line);
        }
        if (++seen == records) {
          // Through its handle: the process itself would also close the stream read here.
          child.toHandle().destroyForcibly();
        }
      }
    } finally {
      child.destroyForcibly();
      assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }
    assertThat(child.exitValue()).as("killed by signal 9").isEqualTo(128 + 9);
  }

  /** The child: many threads that print the id of each record once it is acknowledged. */
  static final class CrashingWriter {
    private CrashingWriter() {}

    public static void main(String[] args) throws Exception {
      Path directory = Path.of(args[0]);
      AuditRules rules =
          new AuditRules(
              List.of(
                  AuditRule.at(AuditLevel.REQUEST).methods("Durable").durable().build(),
                  AuditRule.at(AuditLevel.REQUEST).build()));
      AuditTrail trail =
          Trails.open(
              AuditSettings.inFolder("host-a", TrailKey.load(Path.of(args[2]), false), directory)
                  .with(rules)
                  .with(Trails.rotatingAt(directory, 60_000))
                  .with(AuditSettings.Heads.in(Path.of(args[1]))));
      for (int i = 0; i < 4; i++) {
        Thread.ofPlatform().start(() -> writeForEver(trail));
      }
    }

    private static void writeForEver(AuditTrail trail) {
      Random random = new Random();
      try {
        while (true) {
          var unused = trail.record(AuditEntry.call("p.example.com", "s", "Loose").build());
          AuditEntry entry =
              AuditEntry.call("p.example.com", "s", "Durable")
                  .detail("padding", "x".repeat(random.nextInt(2_000)))
                  .build();
          Trails.recordDurably(trail, entry);
          System.out.println(entry.id());
        }
      } catch (Exception e) {
        Runtime.getRuntime().halt(3);
      }
    }
  }
}
