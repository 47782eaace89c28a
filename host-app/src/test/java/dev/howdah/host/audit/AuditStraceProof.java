package dev.howdah.host.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.testing.HostProcess;
import dev.howdah.host.testing.SystemCalls;
import dev.howdah.host.testing.SystemCalls.SystemCall;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Watches a host's system calls: of a durable call the record is written and synced before the
 * answer's first byte leaves. Needs strace; {@code .ci/steps/audit-strace.sh} runs it.
 */
class AuditStraceProof {

  private static final int CALLS = 20;
  private static final String TRACED =
      "read,readv,recvfrom,write,writev,sendto,sendmsg,pwrite64,fdatasync,fsync";

  @TempDir private Path home;

  @Test
  @Timeout(300)
  void theRecordIsOnDiskBeforeTheAnswerLeaves() throws Exception {
    SystemCalls calls = traced(true, CALLS);
    for (int i = 0; i < CALLS; i++) {
      assertThat(syncedFirst(name(i), calls)).as(name(i) + " was synced first").isTrue();
    }
    say("%d calls under a durable rule, each synced before it was answered", CALLS);
  }

  /** Shows that the other test can fail. */
  @Test
  @Timeout(300)
  void withoutADurableRuleTheAnswerDoesNotWait() throws Exception {
    int few = 3;
    SystemCalls calls = traced(false, few);
    for (int i = 0; i < few; i++) {
      assertThat(syncedFirst(name(i), calls)).as(name(i) + " was synced first").isFalse();
    }
    say("%d calls without a durable rule, each answered before it was synced", few);
  }

  private SystemCalls traced(boolean durable, int calls) throws Exception {
    Path out = home.resolve("strace");
    try (HostProcess host = HostProcess.start(home, SystemCalls.strace(out, TRACED), durable)) {
      for (int i = 0; i < calls; i++) {
        host.call(name(i));
      }
      host.stop();
    }
    return SystemCalls.read(out);
  }

  private static void say(String format, Object... values) {
    System.out.println("audit-strace: " + format.formatted(values));
  }

  private static String name(int number) {
    return "strace-proof-" + (1000 + number);
  }

  private static boolean syncedFirst(String name, SystemCalls calls) {
    SystemCall asked = calls.request(name);
    SystemCall written =
        calls.first(
            name + ": its record",
            asked.end(),
            it ->
                it.name().matches("write|pwrite64")
                    && it.file().endsWith(".jsonl")
                    && it.holds(name));
    SystemCall synced =
        calls.first(
            name + ": the sync of " + written.file(),
            written.end(),
            it -> it.name().equals("fdatasync") && it.file().equals(written.file()));
    SystemCall answered = calls.answer(asked);
    say(
        "%s asked %.6f, record written %.6f, %s over %.6f, answer sent %.6f",
        name, asked.begin(), written.begin(), synced.name(), synced.end(), answered.begin());
    return answered.begin() >= synced.end();
  }
}
