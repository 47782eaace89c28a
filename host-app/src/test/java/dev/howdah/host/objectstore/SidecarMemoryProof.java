package dev.howdah.host.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.howdah.postgres.testkit.PostgresServer;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The sidecar, with the memory that its launcher gives it, archives big segments ahead, makes
 * backups with many jobs, verifies one meanwhile by a restore, and reads WAL back: all of the
 * process stays below 256 MiB.
 */
@Timeout(600)
class SidecarMemoryProof {

  private static final int SEGMENTS = 24;
  private static final int SEGMENT = 16 << 20;
  private static final long LIMIT_KIB = 256 << 10;
  private static final int POSTGRES = 16;
  private static final String POD = "orders-1";
  // So slow that the verification of the first backup goes on while the second is made.
  private static final int VERIFICATION_RATE = 4 << 20;

  @TempDir private Path scratch;

  private final AtomicBoolean archiving = new AtomicBoolean(true);

  @Test
  void everythingAtOnceStaysBelowTheLimit() throws Exception {
    Path store = Files.createDirectory(scratch.resolve("store"));
    Path definitions = Files.createDirectories(scratch.resolve("definitions/app"));
    Files.writeString(
        definitions.resolve("backups.yaml"),
        """
        metadata: {name: backups, namespace: app}
        spec:
          configuration:
            destinationPath: file://%s
            wal: {compression: gzip, maxParallel: 8}
            data: {compression: gzip, immediateCheckpoint: true}
          instanceSidecarConfiguration: {retentionPolicyIntervalSeconds: 1}
        """
            .formatted(store));
    // PostgreSQL's user writes here, and the sidecar reads.
    Path shipped =
        Files.createDirectory(Path.of("/tmp").resolve("howdah-shipped-" + System.nanoTime()));
    Files.setPosixFilePermissions(shipped, PosixFilePermissions.fromString("rwxrwxrwx"));
    ExecutorService threads = Executors.newCachedThreadPool();
    try (PostgresServer postgres =
            PostgresServer.start(
                POSTGRES,
                Map.of(
                    "archive_mode",
                    "on",
                    "archive_command",
                    "cp %p "
                        + shipped
                        + "/%f.part && mv "
                        + shipped
                        + "/%f.part "
                        + shipped
                        + "/%f",
                    "max_wal_size",
                    "1GB"));
        Sidecar sidecar =
            Sidecar.start(
                scratch.resolve("home"),
                List.of(
                    "env",
                    "PGHOST=" + postgres.socketDirectory(),
                    "PGPORT=" + postgres.port(),
                    "POD_NAME=" + POD),
                store,
                "howdah.plugins.object-store.definitions=" + definitions.getParent(),
                "howdah.plugins.object-store.verification-rate=" + VERIFICATION_RATE,
                "howdah.plugins.object-store.verification-scratch="
                    + scratch.resolve("verification"))) {
      sidecar.useObjectStore("backups");
      sidecar.usePrimary(POD);
      postgres.execute(
          "postgres",
          "CREATE TABLE filler AS SELECT i, md5(i::text) AS word FROM generate_series(1, 800000)"
              + " i");
      Future<?> shipping = threads.submit(() -> ship(sidecar, shipped));
      Future<?> ahead = threads.submit(() -> archiveMany(sidecar));
      for (int jobs : new int[] {2, 8}) {
        sidecar.backUp(
            "with-" + jobs + "-" + System.nanoTime(), Map.of("jobs", String.valueOf(jobs)));
        System.out.printf(
            "object-store-memory: backup with %d jobs: peak of the whole process %d MiB%n",
            jobs, peakKib(sidecar) >> 10);
      }
      ahead.get(300, TimeUnit.SECONDS);
      assertThat(verification(postgres, store))
          .contains("\"sound\":true")
          .contains("\"restored\":true");
      System.out.printf(
          "object-store-memory: a backup verified and restored meanwhile: peak of the whole process"
              + " %d MiB%n",
          peakKib(sidecar) >> 10);
      archiving.set(false);
      shipping.get(60, TimeUnit.SECONDS);
      Path restored = Files.createDirectory(scratch.resolve("restored"));
      for (int i = 1; i <= SEGMENTS; i++) {
        sidecar.restore(name(i), restored.resolve("RECOVERYXLOG"));
        assertThat(restored.resolve("RECOVERYXLOG")).hasBinaryContent(content(i));
      }
      long peak = peakKib(sidecar);
      System.out.printf(
          "object-store-memory: %d segments of 16 MiB archived and restored, 2 backups: peak of the"
              + " whole process %d MiB%n",
          SEGMENTS, peak >> 10);
      assertThat(peak).isLessThanOrEqualTo(LIMIT_KIB);
    } catch (StatusRuntimeException e) {
      throw new AssertionError(Files.readString(scratch.resolve("home/host.log")), e);
    } finally {
      archiving.set(false);
      threads.shutdownNow();
      try (var left = Files.list(shipped)) {
        for (Path file : left.toList()) {
          Files.delete(file);
        }
      }
      Files.delete(shipped);
    }
  }

  private Void ship(Sidecar sidecar, Path shipped) throws Exception {
    while (archiving.get()) {
      try (var files = Files.list(shipped)) {
        for (Path file : files.filter(it -> !it.toString().endsWith(".part")).sorted().toList()) {
          sidecar.archive(file);
          Files.delete(file);
        }
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    return null;
  }

  /** What the verification has found, once it is there; it begins with WAL that is archived. */
  private static String verification(PostgresServer postgres, Path store) throws IOException {
    Path backups = store.resolve("orders/base");
    List<Path> found = new ArrayList<>();
    await()
        .atMost(Duration.ofMinutes(3))
        .pollInterval(Duration.ofSeconds(1))
        .until(
            () -> {
              postgres.execute("postgres", "SELECT pg_switch_wal() FROM txid_current()");
              try (Stream<Path> folders = Files.list(backups)) {
                folders
                    .map(folder -> folder.resolve("howdah-verification.json"))
                    .filter(Files::exists)
                    .forEach(found::add);
              }
              return !found.isEmpty();
            });
    return Files.readString(found.getFirst());
  }

  private Void archiveMany(Sidecar sidecar) throws IOException, StatusRuntimeException {
    Path wal = Files.createDirectory(scratch.resolve("pg_wal"));
    Path ready = Files.createDirectory(wal.resolve("archive_status"));
    for (int i = 1; i <= SEGMENTS; i++) {
      Sidecar.segmentNamed(wal, name(i), content(i));
      Files.createFile(ready.resolve(name(i) + ".ready"));
    }
    for (int i = 1; i <= SEGMENTS; i++) {
      sidecar.archive(wal.resolve(name(i)));
      Files.delete(ready.resolve(name(i) + ".ready"));
    }
    return null;
  }

  private static long peakKib(Sidecar sidecar) throws IOException {
    return Files.readAllLines(Path.of("/proc", String.valueOf(sidecar.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  /** Of a timeline that the database doesn't have. */
  private static String name(int number) {
    return "0000000900000000%08X".formatted(number);
  }

  private static byte[] content(int number) {
    byte[] bytes = new byte[SEGMENT];
    new Random(number).nextBytes(bytes);
    return WalHeaders.write(bytes, 9, number);
  }
}
