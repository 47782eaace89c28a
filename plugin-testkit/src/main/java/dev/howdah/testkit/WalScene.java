package dev.howdah.testkit;

import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.wal.WalRestoreRequest;
import dev.howdah.plugin.wal.WalStatus;
import dev.howdah.proto.wal.SetFirstRequiredRequest;
import dev.howdah.proto.wal.WALArchiveRequest;
import dev.howdah.proto.wal.WALGrpc;
import dev.howdah.proto.wal.WALRestoreRequest;
import dev.howdah.proto.wal.WALStatusRequest;
import io.grpc.Status;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A Cluster's WAL archive, as PostgreSQL's archive and restore commands see it. */
public final class WalScene {

  /** The size of a WAL segment, unless {@code initdb} was told otherwise. */
  private static final int SEGMENT_BYTES = 16 * 1024 * 1024;

  private final RunningPlugin plugin;
  private final Cluster cluster;

  WalScene(RunningPlugin plugin, Cluster cluster) {
    this.plugin = plugin;
    this.cluster = cluster;
  }

  /**
   * A WAL segment on disk, of the usual 16 MiB; half of it random, so that it compresses as real
   * ones do.
   *
   * @param name such as {@code 000000010000000000000001}
   */
  public Path segment(String name) {
    byte[] bytes = new byte[SEGMENT_BYTES];
    byte[] random = new byte[SEGMENT_BYTES / 2];
    new Random(name.hashCode()).nextBytes(random);
    System.arraycopy(random, 0, bytes, 0, random.length);
    Path file = plugin.newFolder("pg_wal").resolve(name);
    try {
      return Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Archives a file, twice: the same file comes again when PostgreSQL missed the first answer.
   *
   * @param file absolute path of a WAL file
   */
  public WalScene archives(Path file) {
    WALArchiveRequest request =
        WALArchiveRequest.newBuilder()
            .setClusterDefinition(ClusterScene.bytes(cluster))
            .setSourceFileName(file.toAbsolutePath().toString())
            .build();
    OperatorConnection.call(OperatorCall.ARCHIVE, () -> wal().archive(request));
    try {
      OperatorConnection.call(OperatorCall.ARCHIVE, () -> wal().archive(request));
    } catch (OperatorCallFailure e) {
      throw new AssertionError(
          "WAL/Archive isn't idempotent: the same file was archived once and refused the second time. The consequence: %s."
              .formatted(OperatorCall.ARCHIVE.consequence()),
          e);
    }
    return this;
  }

  /**
   * Gets a file back.
   *
   * @param walName its name
   * @return the file that the plugin wrote
   */
  public Path restores(String walName) {
    Path destination = plugin.newFolder("restored").resolve("RECOVERYXLOG");
    restore(walName, destination, WalRestoreRequest.Mode.RECOVERY);
    if (!Files.isRegularFile(destination)) {
      throw new AssertionError(
          "WAL/Restore of '%s' succeeded and left no file; PostgreSQL stops.".formatted(walName));
    }
    return destination;
  }

  /** Archives a file, gets it back and compares every byte. */
  public WalScene roundTrips(Path file) {
    archives(file);
    Path back = restores(String.valueOf(file.getFileName()));
    try {
      long difference = Files.mismatch(file, back);
      if (difference >= 0) {
        throw new AssertionError(
            "What came back differs from what was archived, from byte %d on."
                .formatted(difference));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** The archive says that it doesn't have a file, and leaves nothing behind. */
  public WalScene lacks(String walName) {
    Path destination = plugin.newFolder("restored").resolve("RECOVERYXLOG");
    FailureAnswer.of(() -> restore(walName, destination, WalRestoreRequest.Mode.RECOVERY))
        .withCode(Status.Code.NOT_FOUND);
    if (Files.exists(destination)) {
      throw new AssertionError(
          "The restore of '%s' failed and left a file; PostgreSQL would read it."
              .formatted(walName));
    }
    return this;
  }

  /** What the archive says it holds. */
  public WalStatus status() {
    var status =
        OperatorConnection.call(
            OperatorCall.WAL_STATUS,
            () ->
                wal()
                    .status(
                        WALStatusRequest.newBuilder()
                            .setClusterDefinition(ClusterScene.bytes(cluster))
                            .build()));
    return new WalStatus(
        status.getFirstWal(), status.getLastWal(), status.getAdditionalInformationMap());
  }

  /** Says which file is the first that is still needed. */
  public WalScene needsFrom(String walName) {
    OperatorConnection.call(
        OperatorCall.FIRST_REQUIRED,
        () ->
            wal()
                .setFirstRequired(
                    SetFirstRequiredRequest.newBuilder()
                        .setClusterDefinition(ClusterScene.bytes(cluster))
                        .setFirstRequiredWal(walName)
                        .build()));
    return this;
  }

  private void restore(String walName, Path destination, WalRestoreRequest.Mode mode) {
    WALRestoreRequest request =
        WALRestoreRequest.newBuilder()
            .setClusterDefinition(ClusterScene.bytes(cluster))
            .setSourceWalName(walName)
            .setDestinationFileName(destination.toString())
            .setMode(
                switch (mode) {
                  case RECOVERY -> WALRestoreRequest.Mode.MODE_RECOVERY;
                  case REWIND -> WALRestoreRequest.Mode.MODE_REWIND;
                })
            .build();
    OperatorConnection.call(OperatorCall.RESTORE_WAL, () -> wal().restore(request));
  }

  private WALGrpc.WALBlockingStub wal() {
    return WALGrpc.newBlockingStub(plugin.connection().instance());
  }
}
