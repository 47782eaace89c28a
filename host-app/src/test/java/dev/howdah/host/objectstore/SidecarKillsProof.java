package dev.howdah.host.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.host.testing.HostClient;
import io.grpc.Channel;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The sidecar with all bundled plugins is killed with SIGKILL at random points while it archives
 * and its other plugins are called.
 */
@Timeout(900)
class SidecarKillsProof {

  private static final int KILLS = 50;
  private static final int SEGMENT = 1 << 20;

  @TempDir private Path scratch;

  private final long seed = System.nanoTime();
  private final Random random = new Random(seed);
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<Sidecar> started = new ArrayList<>();
  private final AtomicInteger otherCalls = new AtomicInteger();
  private final AtomicInteger acknowledgedFiles = new AtomicInteger();
  private Path store;
  private Path wal;

  @AfterEach
  void close() throws Exception {
    threads.shutdownNow();
    threads.awaitTermination(60, TimeUnit.SECONDS);
    synchronized (started) {
      started.forEach(Sidecar::close);
    }
  }

  @Test
  void whatWasAcknowledgedBeforeAKillIsStoredBitForBit() throws Exception {
    store = Files.createDirectory(scratch.resolve("store"));
    wal = Files.createDirectory(scratch.resolve("pg_wal"));
    Future<Sidecar> next = threads.submit(() -> start(0));
    int archived = 0;
    int stored = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      Sidecar sidecar = next.get(180, TimeUnit.SECONDS);
      int life = kill;
      // The sockets of the last but one are still there: nobody cleared up behind it.
      next = threads.submit(() -> start(life));
      Future<?> others = threads.submit(() -> callOthers(sidecar));
      int first = archived;
      Future<Integer> acknowledged = threads.submit(() -> archiveFrom(sidecar, first));
      if (kill % 2 == 0) {
        // However slow the machine is, more files are acknowledged than sidecars killed.
        await().atMost(90, TimeUnit.SECONDS).until(() -> acknowledgedFiles.get() >= first + 3);
      }
      TimeUnit.MILLISECONDS.sleep(random.nextInt(1600));
      assertThat(sidecar.kill()).as("killed by signal 9").isEqualTo(128 + 9);
      archived = acknowledged.get(90, TimeUnit.SECONDS);
      others.get(90, TimeUnit.SECONDS);
      for (int i = first + 1; i <= archived; i++) {
        assertStored(i);
      }
      if (Files.exists(Sidecar.stored(store, Sidecar.name(archived + 1)))) {
        assertStored(archived + 1);
        stored++;
      }
    }
    next.get(180, TimeUnit.SECONDS).archive(segment(archived + 1));
    for (int i = 1; i <= archived + 1; i++) {
      assertStored(i);
    }
    assertThat(archived).as("acknowledged files").isGreaterThan(KILLS);
    assertThat(otherCalls.get()).as("calls of other plugins").isGreaterThan(KILLS);
    System.out.printf(
        "object-store-kills: sidecar: %d kills, %d files acknowledged, all stored bit for bit; %d"
            + " were stored and not acknowledged; %d calls of other plugins meanwhile; seed %d%n",
        KILLS, archived, stored, otherCalls.get(), seed);
  }

  private Sidecar start(int life) throws IOException {
    Sidecar sidecar =
        Sidecar.start(scratch.resolve(life % 2 == 0 ? "even" : "odd"), List.of(), store);
    synchronized (started) {
      started.add(sidecar);
    }
    return sidecar;
  }

  private int archiveFrom(Sidecar sidecar, int first) throws IOException {
    int archived = first;
    while (true) {
      try {
        sidecar.archive(segment(archived + 1));
      } catch (StatusRuntimeException e) {
        return archived;
      }
      archived++;
      acknowledgedFiles.set(archived);
      Files.delete(wal.resolve(Sidecar.name(archived)));
    }
  }

  private Void callOthers(Sidecar sidecar) {
    Channel hello = sidecar.channel("hello-world.howdah.dev");
    Channel metrics = sidecar.channel("metrics.howdah.dev");
    try {
      while (true) {
        HostClient.load(hello);
        HostClient.load(metrics);
        otherCalls.addAndGet(2);
      }
    } catch (StatusRuntimeException e) {
      return null;
    }
  }

  private Path segment(int number) throws IOException {
    return Sidecar.segment(wal, number, content(number));
  }

  private void assertStored(int number) throws IOException {
    assertThat(Sidecar.stored(store, Sidecar.name(number))).hasBinaryContent(content(number));
  }

  private static byte[] content(int number) {
    byte[] bytes = new byte[SEGMENT];
    new Random(number).nextBytes(bytes);
    return bytes;
  }
}
