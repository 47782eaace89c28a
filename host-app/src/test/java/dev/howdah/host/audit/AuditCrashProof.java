package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.testing.HostProcess;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Kills a host with SIGKILL at random points during ten thousand audited calls. Too long for every
 * build; {@code .ci/steps/audit-crash.sh} runs it.
 */
class AuditCrashProof {

  private static final int CALLS = 10_000;
  private static final int CALLERS = 8;
  private static final int KILLS = 6;

  @TempDir private Path home;

  private final AtomicInteger next = new AtomicInteger();
  private final Set<String> answered = ConcurrentHashMap.newKeySet();
  private final Set<String> unanswered = ConcurrentHashMap.newKeySet();

  @Test
  @Timeout(600)
  void theTrailVerifiesAndHoldsEveryCallThatWasAnswered() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    SortedSet<Integer> points = new TreeSet<>();
    while (points.size() < KILLS) {
      points.add(1 + random.nextInt(CALLS - 1));
    }
    say("seed %d; SIGKILL when these numbers of calls were made: %s", seed, points);

    for (int point : points) {
      try (HostProcess host = HostProcess.start(home, List.of(), true)) {
        callUntil(host, point, random.nextInt(15));
        assertThat(host.kill()).as("killed by signal 9").isEqualTo(128 + 9);
      }
      say(
          "killed at %d calls: %d answered, %d not; %s",
          next.get(), answered.size(), unanswered.size(), verify());
    }
    try (HostProcess host = HostProcess.start(home, List.of(), true)) {
      callUntil(host, CALLS, -1);
      host.stop();
    }

    Map<String, Integer> kept = kept();
    long lost = answered.stream().filter(name -> !kept.containsKey(name)).count();
    long twice = kept.values().stream().filter(count -> count > 1).count();
    long more = unanswered.stream().filter(kept::containsKey).count();
    say(
        "%d calls, %d kills: %d answered, %d not",
        next.get(), KILLS, answered.size(), unanswered.size());
    say(
        "of the answered ones %d are missing in the trail, %d are there twice; of the others %d"
            + " are there",
        lost, twice, more);
    say("the trail: %s", verify());
    assertThat(answered.size() + unanswered.size()).isEqualTo(CALLS);
    assertThat(answered).hasSizeGreaterThan(CALLS / 2);
    assertThat(lost).as("answered calls that aren't in the trail").isZero();
    assertThat(twice).isZero();
  }

  /** Makes calls until their number is reached; then kills the host, after a moment. */
  private void callUntil(HostProcess host, int point, int delayMillis) throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
    try {
      for (int i = 0; i < CALLERS; i++) {
        callers.execute(() -> callUntil(host, point, delayMillis >= 0, reached));
      }
      callers.shutdown();
      if (delayMillis >= 0) {
        assertThat(reached.await(120, TimeUnit.SECONDS)).isTrue();
        // Somewhere in a batch, which takes about as long.
        TimeUnit.MILLISECONDS.sleep(delayMillis);
        host.kill();
      }
      assertThat(callers.awaitTermination(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      callers.shutdownNow();
    }
  }

  private void callUntil(
      HostProcess host, int point, boolean onUntilKilled, CountDownLatch reached) {
    while (true) {
      int number = next.getAndIncrement();
      if (number >= CALLS || (!onUntilKilled && number >= point)) {
        next.decrementAndGet();
        reached.countDown();
        return;
      }
      if (number >= point) {
        reached.countDown();
      }
      String name = "call-" + number;
      try {
        host.call(name);
        answered.add(name);
      } catch (StatusRuntimeException e) {
        unanswered.add(name);
        reached.countDown();
        return;
      }
    }
  }

  private String verify() throws Exception {
    TrailPublicKey key = TrailKey.load(home.resolve("keys/audit.pem"), false).publicKey();
    VerificationReport report =
        new TrailVerifier(List.of(key), TrailHeads.read(List.of(home.resolve("heads"))))
            .verify(home.resolve("audit"));
    assertThat(report.findings()).isEmpty();
    assertThat(report.writers()).as("the same writer goes on").hasSize(1);
    return report.writers().getFirst().summary();
  }

  private Map<String, Integer> kept() throws Exception {
    Map<String, Integer> kept = new HashMap<>();
    try (Stream<JsonNode> lines = TrailReader.read(home.resolve("audit"))) {
      lines
          .filter(line -> line.path("type").asString("").equals("record"))
          .forEach(line -> kept.merge(line.at("/cluster/name").asString(""), 1, Integer::sum));
    }
    return kept;
  }

  private static void say(String format, Object... values) {
    System.out.println("audit-crash: " + format.formatted(values));
  }
}
