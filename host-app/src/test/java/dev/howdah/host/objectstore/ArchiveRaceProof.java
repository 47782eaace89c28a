package dev.howdah.host.objectstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two sidecars archive the same name at once, with different content. */
@Timeout(600)
class ArchiveRaceProof {

  private static final int ROUNDS = 500;
  private static final int SIZE = 256 * 1024;

  @TempDir private Path scratch;

  @Test
  void exactlyOneWins() throws Exception {
    Path store = Files.createDirectory(scratch.resolve("store"));
    List<Path> folders =
        List.of(
            Files.createDirectory(scratch.resolve("one")),
            Files.createDirectory(scratch.resolve("two")));
    int[] won = new int[2];
    Random random = new Random(5);
    CyclicBarrier start = new CyclicBarrier(2);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try (Sidecar one = Sidecar.start(scratch.resolve("a"), List.of(), store);
        Sidecar two = Sidecar.start(scratch.resolve("b"), List.of(), store)) {
      List<Sidecar> sidecars = List.of(one, two);
      for (int round = 1; round <= ROUNDS; round++) {
        byte[][] contents = new byte[2][SIZE];
        Future<?>[] attempts = new Future<?>[2];
        for (int side = 0; side < 2; side++) {
          random.nextBytes(contents[side]);
          Path source = Sidecar.segment(folders.get(side), round, contents[side]);
          Sidecar sidecar = sidecars.get(side);
          attempts[side] = threads.submit(() -> won(sidecar, source, start));
        }
        boolean first = (boolean) attempts[0].get(60, TimeUnit.SECONDS);
        boolean second = (boolean) attempts[1].get(60, TimeUnit.SECONDS);
        assertThat(first ^ second).as("exactly one wins round %d", round).isTrue();
        int winner = first ? 0 : 1;
        won[winner]++;
        byte[] stored = Files.readAllBytes(Sidecar.stored(store, Sidecar.name(round)));
        assertThat(Arrays.equals(stored, contents[winner])).as("the winner's content").isTrue();
      }
    } finally {
      threads.shutdownNow();
    }
    System.out.printf(
        "object-store-race: %d rounds, one process won %d, the other %d, and never both%n",
        ROUNDS, won[0], won[1]);
  }

  private static boolean won(Sidecar sidecar, Path source, CyclicBarrier start) throws Exception {
    start.await(60, TimeUnit.SECONDS);
    try {
      sidecar.archive(source);
      return true;
    } catch (StatusRuntimeException e) {
      assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
      assertThat(e).hasMessageContaining("holds another file named");
      return false;
    }
  }
}
