package dev.howdah.host.objectstore;

import com.google.protobuf.ByteString;
import dev.howdah.host.testing.HostProcess;
import dev.howdah.proto.backup.BackupGrpc;
import dev.howdah.proto.backup.BackupRequest;
import dev.howdah.proto.backup.BackupResult;
import dev.howdah.proto.wal.WALArchiveRequest;
import dev.howdah.proto.wal.WALGrpc;
import dev.howdah.proto.wal.WALRestoreRequest;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The sidecar in a process of its own, called over the object store's socket. */
final class Sidecar implements AutoCloseable {

  static final String PLUGIN = "object-store.howdah.dev";

  private final HostProcess process;
  private volatile String parameters = "";
  private volatile String primary = "";

  private Sidecar(HostProcess process) {
    this.process = process;
  }

  /**
   * Starts one.
   *
   * @param home its folder
   * @param prefix a command that runs it; empty for none
   * @param store the directory that it stores in
   * @param settings more of them
   */
  static Sidecar start(Path home, List<String> prefix, Path store, String... settings)
      throws IOException {
    List<String> all = new ArrayList<>(List.of(settings));
    all.add("howdah.plugins.object-store.directory=" + store);
    all.add("howdah.plugins.object-store.spool=" + home.resolve("spool"));
    return new Sidecar(HostProcess.launchSidecar(home, prefix, PLUGIN, all));
  }

  /**
   * Archives a file.
   *
   * @throws io.grpc.StatusRuntimeException if that isn't acknowledged
   */
  void archive(Path source) {
    WALGrpc.newBlockingStub(process.channel())
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .archive(
            WALArchiveRequest.newBuilder()
                .setClusterDefinition(cluster())
                .setSourceFileName(source.toString())
                .setCheckEmptyWalArchive(false)
                .build());
  }

  /**
   * Restores a file.
   *
   * @throws io.grpc.StatusRuntimeException if it isn't
   */
  void restore(String name, Path destination) {
    WALGrpc.newBlockingStub(process.channel())
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .restore(
            WALRestoreRequest.newBuilder()
                .setClusterDefinition(cluster())
                .setSourceWalName(name)
                .setDestinationFileName(destination.toString())
                .setMode(WALRestoreRequest.Mode.MODE_RECOVERY)
                .build());
  }

  /** Makes a backup of the PostgreSQL that the environment names. */
  BackupResult backUp(String name, Map<String, String> parameters) {
    return BackupGrpc.newBlockingStub(process.channel())
        .withDeadlineAfter(10, TimeUnit.MINUTES)
        .backup(
            BackupRequest.newBuilder()
                .setClusterDefinition(cluster())
                .setBackupDefinition(
                    ByteString.copyFromUtf8(
                        """
                        {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Backup",
                         "metadata": {"name": "%s", "namespace": "app"},
                         "spec": {"cluster": {"name": "orders"}, "method": "plugin"}}
                        """
                            .formatted(name)))
                .putAllParameters(parameters)
                .build());
  }

  /** From now on the Cluster names an ObjectStore. */
  void useObjectStore(String name) {
    parameters = ", \"parameters\": {\"barmanObjectName\": \"" + name + "\"}";
  }

  /** From now on the Cluster's primary is that Pod. */
  void usePrimary(String pod) {
    primary = ", \"status\": {\"currentPrimary\": \"" + pod + "\"}";
  }

  private ByteString cluster() {
    return ByteString.copyFromUtf8(
        """
        {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
         "metadata": {"name": "orders", "namespace": "app"},
         "spec": {"instances": 1, "plugins": [{"name": "%s", "isWALArchiver": true%s}]}%s}
        """
            .formatted(PLUGIN, parameters, primary));
  }

  /** A connection to another plugin in it. */
  Channel channel(String plugin) {
    return process.channel(plugin);
  }

  long pid() {
    return process.pid();
  }

  int kill() throws InterruptedException {
    return process.kill();
  }

  void stop() throws InterruptedException {
    process.stop();
  }

  /** Where a file of the Cluster's WAL is in a store. */
  static Path stored(Path store, String name) {
    return store.resolve("orders/wals").resolve(name.substring(0, 16)).resolve(name);
  }

  /** The name of a segment of 16 MiB. */
  static String name(int number) {
    return "00000001%08X%08X".formatted(number >> 8, number & 0xFF);
  }

  /** Writes a segment as far as the archive cares: random bytes under its name. */
  static Path segment(Path folder, int number, byte[] content) throws IOException {
    return segmentNamed(folder, name(number), content);
  }

  /** The same under any name. */
  static Path segmentNamed(Path folder, String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  @Override
  public void close() {
    process.close();
  }
}
