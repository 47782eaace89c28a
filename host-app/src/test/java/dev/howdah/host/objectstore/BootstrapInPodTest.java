package dev.howdah.host.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import dev.howdah.host.testing.HostClient;
import dev.howdah.host.testing.HostProcess;
import dev.howdah.proto.restorejob.RestoreJobHooksCapabilitiesRequest;
import dev.howdah.proto.restorejob.RestoreJobHooksCapability;
import dev.howdah.proto.restorejob.RestoreJobHooksGrpc;
import dev.howdah.proto.restorejob.RestoreRequest;
import dev.howdah.proto.restorejob.RestoreResponse;
import dev.howdah.proto.wal.WALGrpc;
import dev.howdah.proto.wal.WALRestoreRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

/**
 * The first instance of a Cluster bootstraps itself: in its Pod, before there is a primary, the
 * sidecar is asked to restore a backup, and then for WAL.
 */
@Timeout(300)
class BootstrapInPodTest {

  private static final String PLUGIN = "object-store.howdah.dev";
  private static final String WAL = "000000010000000000000002";

  @TempDir Path scratch;

  private Path home;
  private Path data;
  private Path tablespace;
  private byte[] segment;
  private HostProcess sidecar;

  @BeforeEach
  void start() throws Exception {
    Path store = Files.createDirectory(scratch.resolve("store"));
    data = scratch.resolve("pgdata");
    tablespace = scratch.resolve("tablespaces/fast/data");
    segment = WalHeaders.write(new byte[1 << 20], 1, 2);
    backUp(store.resolve("old-orders"));
    Path definitions = Files.createDirectories(scratch.resolve("definitions/app"));
    Files.writeString(
        definitions.resolve("backups.yaml"),
        """
        metadata: {name: backups, namespace: app}
        spec: {configuration: {destinationPath: 'file://%s'}}
        """
            .formatted(store));
    // The path of a socket is limited.
    home = Files.createTempDirectory("hb");
    sidecar =
        HostProcess.startSidecar(
            home,
            Map.of("PGDATA", data.toString(), "POD_NAME", "orders-1"),
            PLUGIN,
            List.of(
                "howdah.plugins.object-store.definitions=" + definitions.getParent(),
                "howdah.plugins.object-store.spool=" + scratch.resolve("spool")));
  }

  @AfterEach
  void stop() throws IOException {
    if (sidecar != null) {
      sidecar.close();
    }
    try {
      FileSystemUtils.deleteRecursively(home);
    } catch (NoSuchFileException e) {
      // The process removes its sockets while it ends.
      FileSystemUtils.deleteRecursively(home);
    }
  }

  // A backup as far as files go, made with the tools that everybody has.
  private void backUp(Path server) throws Exception {
    Path files = Files.createDirectories(scratch.resolve("files"));
    Files.writeString(files.resolve("PG_VERSION"), "16\n");
    Files.createDirectories(files.resolve("global"));
    Files.writeString(files.resolve("global/pg_control"), "control");
    Files.writeString(files.resolve("backup_label"), "label");
    Path space = Files.createDirectories(scratch.resolve("space/PG_16_202307071/5"));
    Files.writeString(space.resolve("16401"), "rows");
    Path backup = Files.createDirectories(server.resolve("base/20260301T000000"));
    tar(backup.resolve("data.tar"), files);
    tar(backup.resolve("16400.tar"), scratch.resolve("space"));
    Files.writeString(
        backup.resolve("backup.info"),
        """
        begin_time=2026-03-01 00:00:00+00:00
        begin_wal=%s
        begin_xlog=0/200028
        end_time=2026-03-01 00:00:09+00:00
        end_wal=%s
        end_xlog=0/200100
        server_name=cloud
        status=DONE
        systemid=42
        tablespaces=[('fast', 16400, '%s')]
        timeline=1
        version=160004
        xlog_segment_size=1048576
        """
            .formatted(WAL, WAL, tablespace));
    Path wals = Files.createDirectories(server.resolve("wals/0000000100000000"));
    Files.write(wals.resolve(WAL), segment);
  }

  private static void tar(Path file, Path folder) throws Exception {
    Process tar =
        new ProcessBuilder("tar", "-cf", file.toString(), "-C", folder.toString(), ".").start();
    assertThat(tar.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(tar.exitValue()).isZero();
  }

  @Test
  void theSidecarOfTheFirstInstanceRestoresUntilThereIsAPrimaryAndNeverAfterwards()
      throws Exception {
    assertThat(HostClient.load(sidecar.channel()).metadata().getName()).isEqualTo(PLUGIN);
    assertThat(
            RestoreJobHooksGrpc.newBlockingStub(sidecar.channel())
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .getCapabilities(RestoreJobHooksCapabilitiesRequest.getDefaultInstance())
                .getCapabilitiesList())
        .extracting(RestoreJobHooksCapability::getKind)
        .containsExactly(RestoreJobHooksCapability.Kind.KIND_RESTORE);

    RestoreResponse restored = restore("");

    assertThat(restored.getRestoreConfig())
        .contains("recovery_target_action = promote")
        .contains("restore_command = '/controller/manager wal-restore");
    assertThat(data.resolve("PG_VERSION")).hasContent("16");
    assertThat(data.resolve("global/pg_control")).hasContent("control");
    assertThat(data.resolve("pg_tblspc/16400/PG_16_202307071/5/16401")).hasContent("rows");
    Path wal = Files.createDirectories(data.resolve("pg_wal")).resolve("RECOVERYXLOG");
    // The control file is none; the segment would be refused as another database's.
    Files.delete(data.resolve("global/pg_control"));
    restoreWal(wal, "");
    assertThat(wal).hasBinaryContent(segment);

    // Recovery failed, and the operator begins again: it takes PGDATA away and leaves tablespaces.
    Files.createFile(tablespace.resolve("of the attempt before"));
    Files.move(data, scratch.resolve("pgdata_moved_away"));
    restore("");
    assertThat(data.resolve("PG_VERSION")).exists();
    assertThat(tablespace.resolve("of the attempt before")).doesNotExist();

    // Once a database is in service, nothing is restored over it.
    assertThatThrownBy(() -> restore("\"currentPrimary\": \"orders-1\""))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            refusal -> {
              assertThat(refusal.getStatus().getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
              assertThat(refusal).hasMessageContaining("is not empty");
            });
    assertThat(tablespace.resolve("PG_16_202307071/5/16401")).hasContent("rows");
  }

  private RestoreResponse restore(String status) {
    return RestoreJobHooksGrpc.newBlockingStub(sidecar.channel())
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .restore(RestoreRequest.newBuilder().setClusterDefinition(cluster(status)).build());
  }

  private void restoreWal(Path destination, String status) {
    WALGrpc.newBlockingStub(sidecar.channel())
        .withDeadlineAfter(60, TimeUnit.SECONDS)
        .restore(
            WALRestoreRequest.newBuilder()
                .setClusterDefinition(cluster(status))
                .setSourceWalName(WAL)
                .setDestinationFileName(destination.toString())
                .setMode(WALRestoreRequest.Mode.MODE_RECOVERY)
                .build());
  }

  // It archives to where nothing is yet, and is named nowhere else.
  private static ByteString cluster(String status) {
    return ByteString.copyFromUtf8(
        """
        {"apiVersion": "postgresql.cnpg.io/v1", "kind": "Cluster",
         "metadata": {"name": "orders", "namespace": "app"},
         "spec": {
           "instances": 1,
           "bootstrap": {"recovery": {"source": "origin"}},
           "externalClusters": [{"name": "origin", "plugin": {"name": "%s",
             "parameters": {"barmanObjectName": "backups", "serverName": "old-orders"}}}]},
         "status": {%s}}
        """
            .formatted(PLUGIN, status));
  }
}
