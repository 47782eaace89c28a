package dev.howdah.benchmarks;

import com.google.protobuf.ByteString;
import dev.howdah.proto.backup.BackupGrpc;
import dev.howdah.proto.backup.BackupRequest;
import dev.howdah.proto.restorejob.RestoreJobHooksGrpc;
import dev.howdah.proto.restorejob.RestoreRequest;
import dev.howdah.proto.wal.WALArchiveRequest;
import dev.howdah.proto.wal.WALGrpc;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The object store plugin in a host of mode {@code instance}, called over its socket as the
 * instance manager does. While it makes a backup its WAL is archived, since it reports a backup
 * only once that is there.
 */
final class HowdahArchives implements ArchiveTool, AutoCloseable {

  private static final String PLUGIN = "object-store.howdah.dev";
  private static final int START_SECONDS = 120;
  private static final int CALL_MINUTES = 15;

  private final ArchivedDatabase database;
  private final BucketProcess bucket;
  private final Path definitions;
  private final Path restored;
  private final Process process;
  private final ManagedChannel channel;
  private final Meter meter;

  private HowdahArchives(
      ArchivedDatabase database,
      BucketProcess bucket,
      Path home,
      Path restored,
      Process process,
      ControlGroup group) {
    this.database = database;
    this.bucket = bucket;
    this.definitions = home.resolve("definitions");
    this.restored = restored;
    this.process = process;
    this.channel = Connections.socket(home.resolve("plugins").resolve(PLUGIN));
    this.meter = Meter.ofLasting(group, process.pid());
  }

  /** Starts the host and waits until it answers. */
  static HowdahArchives start(
      Workshop workshop,
      Path launcher,
      ArchivedDatabase database,
      BucketProcess bucket,
      ControlGroup group)
      throws IOException {
    Path home = workshop.folder("howdah");
    Path secrets = Files.createDirectories(home.resolve("secrets/bucket"));
    Files.createDirectory(home.resolve("definitions"));
    Files.writeString(secrets.resolve("id"), BucketProcess.KEY);
    Files.writeString(secrets.resolve("secret"), BucketProcess.SECRET);
    Files.copy(bucket.authority(), secrets.resolve("ca.crt"));
    Path restored = workshop.folder().resolve("restored-by-howdah");
    List<String> command = new ArrayList<>(group.around());
    command.addAll(
        List.of(
            launcher.toString(),
            "serve",
            "--mode=instance",
            "--home=" + home,
            "--plugin-path=" + home.resolve("plugins"),
            "--http-address=127.0.0.1:0",
            "--set=howdah.plugins.object-store.definitions=" + home.resolve("definitions"),
            "--set=howdah.plugins.object-store.secrets=" + home.resolve("secrets"),
            "--set=howdah.plugins.object-store.spool=" + home.resolve("spool")));
    Path log = workshop.folder().resolve("howdah.log");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().put("HOWDAH_BUILD", "never");
    builder.environment().put("PGHOST", database.socketFolder().toString());
    builder.environment().put("PGPORT", String.valueOf(ArchivedDatabase.PORT));
    builder.environment().put("PGDATA", restored.toString());
    Process process = builder.start();
    HowdahArchives howdah =
        workshop.keep(new HowdahArchives(database, bucket, home, restored, process, group));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
    while (!Files.exists(home.resolve("plugins").resolve(PLUGIN))) {
      if (!process.isAlive() || System.nanoTime() > end) {
        throw new IllegalStateException("The host did not start:\n" + Files.readString(log));
      }
      ArchivedDatabase.pause();
    }
    return howdah;
  }

  @Override
  public String name() {
    return "Howdah";
  }

  @Override
  public boolean knows(Packing packing) {
    return true;
  }

  @Override
  public int warmUps() {
    return 2;
  }

  @Override
  public Meter meter() {
    return meter;
  }

  @Override
  public void begin(Archive archive) throws IOException {
    String compression =
        archive.packing() == Packing.NONE
            ? ""
            : "compression: " + archive.packing().name().toLowerCase(Locale.ROOT) + ", ";
    Files.writeString(
        definitions.resolve(archive.name() + ".yaml"),
        """
        spec:
          configuration:
            destinationPath: s3://%s/howdah
            endpointURL: %s
            endpointCA: {name: bucket, key: ca.crt}
            s3Credentials:
              accessKeyId: {name: bucket, key: id}
              secretAccessKey: {name: bucket, key: secret}
            wal: {%smaxParallel: %d}
            data: {%sjobs: %d, immediateCheckpoint: true}
        """
            .formatted(
                BucketProcess.BUCKET,
                bucket.endpoint(),
                compression,
                archive.workers(),
                compression,
                archive.workers()));
  }

  @Override
  public void archive(Archive archive, List<Path> segments) throws IOException {
    for (Path segment : segments) {
      WALGrpc.newBlockingStub(channel)
          .withDeadlineAfter(CALL_MINUTES, TimeUnit.MINUTES)
          .archive(
              WALArchiveRequest.newBuilder()
                  .setClusterDefinition(cluster(archive, ""))
                  .setSourceFileName(segment.toString())
                  .setCheckEmptyWalArchive(false)
                  .build());
      Staging.done(segment);
    }
  }

  @Override
  public void backUp(Archive archive) throws IOException {
    database.clearShipped();
    database.ship(true);
    AtomicBoolean going = new AtomicBoolean(true);
    try (ExecutorService shipping = Executors.newSingleThreadExecutor()) {
      Future<?> wal = shipping.submit(() -> ship(archive, going));
      try {
        BackupGrpc.newBlockingStub(channel)
            .withDeadlineAfter(CALL_MINUTES, TimeUnit.MINUTES)
            .backup(
                BackupRequest.newBuilder()
                    .setClusterDefinition(cluster(archive, ""))
                    .setBackupDefinition(
                        ByteString.copyFromUtf8(
                            """
                            {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Backup",
                             "metadata": {"name": "%s", "namespace": "app"},
                             "spec": {"cluster": {"name": "orders"}, "method": "plugin"}}
                            """
                                .formatted(archive.name())))
                    .build());
      } finally {
        going.set(false);
      }
      wal.get();
    } catch (ExecutionException failed) {
      throw new IllegalStateException("WAL was not archived during a backup.", failed);
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted.", stopped);
    } finally {
      database.ship(false);
    }
  }

  private Void ship(Archive archive, AtomicBoolean going) throws IOException {
    while (going.get()) {
      for (Path segment : database.shipped()) {
        archive(archive, List.of(segment));
        Files.delete(segment);
      }
      ArchivedDatabase.pause();
    }
    return null;
  }

  @Override
  public Path restore(Archive archive) {
    String origin =
        """
        , "bootstrap": {"recovery": {"source": "origin"}},
          "externalClusters": [{"name": "origin", "plugin": {"name": "%s", %s}}]
        """
            .formatted(PLUGIN, parameters(archive));
    RestoreJobHooksGrpc.newBlockingStub(channel)
        .withDeadlineAfter(CALL_MINUTES, TimeUnit.MINUTES)
        .restore(
            RestoreRequest.newBuilder()
                .setClusterDefinition(cluster(archive, origin))
                .setCheckEmptyWalArchive(false)
                .build());
    return restored;
  }

  private static ByteString cluster(Archive archive, String more) {
    return ByteString.copyFromUtf8(
        """
        {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
         "metadata": {"name": "orders", "namespace": "app"},
         "spec": {"instances": 1, "plugins": [{"name": "%s", "isWALArchiver": true, %s}]%s}}
        """
            .formatted(PLUGIN, parameters(archive), more));
  }

  private static String parameters(Archive archive) {
    return "\"parameters\": {\"barmanObjectName\": \"%1$s\", \"serverName\": \"%1$s\"}"
        .formatted(archive.name());
  }

  @Override
  public void close() throws IOException {
    channel.shutdownNow();
    process.destroy();
    try {
      if (!process.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException stopped) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
