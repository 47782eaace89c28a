package dev.howdah.host.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.host.testing.SystemCalls;
import dev.howdah.host.testing.SystemCalls.SystemCall;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Watches the sidecar's system calls: a WAL file that is archived into a directory, or restored, is
 * synced before it gets its name, its folder is synced after that, and only then the answer leaves.
 * Needs strace.
 */
@Timeout(600)
class ObjectStoreStraceProof {

  private static final int FILES = 10;
  private static final int SEGMENT = 1 << 20;
  private static final String TRACED =
      "read,readv,recvfrom,write,writev,sendto,sendmsg,fsync,fdatasync,link,linkat,rename,renameat,"
          + "renameat2";

  @TempDir private Path scratch;

  @Test
  void theFileIsOnDiskBeforeItHasItsNameAndThatBeforeTheAnswer() throws Exception {
    Path out = scratch.resolve("strace");
    Path store = Files.createDirectory(scratch.resolve("store"));
    Path wal = Files.createDirectory(scratch.resolve("pg_wal"));
    Path restored = Files.createDirectory(scratch.resolve("restored"));
    try (Sidecar sidecar =
        Sidecar.start(scratch.resolve("home"), SystemCalls.strace(out, TRACED), store)) {
      for (int i = 1; i <= FILES; i++) {
        sidecar.archive(Sidecar.segment(wal, i, content(i)));
      }
      for (int i = 1; i <= FILES; i++) {
        sidecar.restore(name(i), restored.resolve("as-" + i));
        assertThat(restored.resolve("as-" + i)).hasBinaryContent(content(i));
      }
      sidecar.stop();
    }
    SystemCalls calls = SystemCalls.read(out);
    for (int i = 1; i <= FILES; i++) {
      String source = wal.resolve(name(i)).toString();
      assertOrder(calls, source, "link|linkat", Sidecar.stored(store, name(i)));
      Path destination = restored.resolve("as-" + i);
      assertOrder(calls, destination.toString(), "rename.*", destination);
    }
    System.out.printf(
        "object-store-strace: %d files archived and %d restored: synced, then named, then the"
            + " folder synced, then answered%n",
        FILES, FILES);
  }

  private static void assertOrder(SystemCalls calls, String asked, String naming, Path target) {
    SystemCall request = calls.request(asked);
    SystemCall named =
        calls.first(
            asked + ": its name",
            request.end(),
            it -> it.name().matches(naming) && it.holds(target.toString()));
    SystemCall synced =
        calls.first(
            asked + ": the sync",
            request.end(),
            it -> it.name().equals("fsync") && it.file().contains(".howdah-unfinished"));
    SystemCall folder =
        calls.first(
            asked + ": the folder's sync",
            named.end(),
            it -> it.name().equals("fsync") && it.file().equals(target.getParent().toString()));
    SystemCall answer = calls.answer(request);
    assertThat(named.holds(synced.file())).as("what is named is what was synced").isTrue();
    assertThat(synced.end()).as("synced before it is named").isLessThanOrEqualTo(named.begin());
    assertThat(folder.end())
        .as("the folder synced before the answer")
        .isLessThanOrEqualTo(answer.begin());
  }

  private static String name(int number) {
    return "0000000100000000%08X".formatted(number);
  }

  private static byte[] content(int number) {
    byte[] bytes = new byte[SEGMENT];
    new Random(number).nextBytes(bytes);
    return WalHeaders.write(bytes, 1, number);
  }
}
