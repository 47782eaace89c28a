package dev.howdah.plugins.objectstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginException.Kind;
import dev.howdah.plugin.backup.BackupRequest;
import dev.howdah.plugin.wal.WalArchiveRequest;
import dev.howdah.plugin.wal.WalRestoreRequest;
import dev.howdah.plugins.objectstore.wal.WalFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Where WAL is archived to and restored from, and where not. */
class WalHooksTest extends PluginOnInstance {

  @Test
  void aClusterWithoutObjectStoreUsesThePluginsOwnDirectory() throws Exception {
    archive(cluster("'isWALArchiver': true"));

    assertThat(scratch.resolve("embedded/orders/wals/0000000100000000/" + ONE)).exists();
  }

  @Test
  void anObjectStoreAndAServerNameAreFollowed() throws Exception {
    archive(
        cluster(
            "'isWALArchiver': true, 'parameters': {'barmanObjectName': 'backups', 'serverName':"
                + " 'old'}"));

    assertThat(bucket.resolve("old/wals/0000000100000000/" + ONE + ".gz")).exists();
  }

  @Test
  void withoutTheArchiversFlagWalIsArchivedUnlessSomebodyElseClearlyDoes() throws Exception {
    archive(cluster(""));
    assertThat(scratch.resolve("embedded/orders")).exists();

    archive(
        CallContext.of(
            """
            {'metadata': {'name': 'other', 'namespace': 'shop'}, 'spec': {'plugins': [
              {%s}, {'name': 'barman-cloud.cloudnative-pg.io', 'isWALArchiver': true}]}}
            """
                .formatted(PLUGIN)));
    archive(
        CallContext.of(
            """
            {'metadata': {'name': 'intree', 'namespace': 'shop'}, 'spec': {'plugins': [{%s}],
              'backup': {'barmanObjectStore': {'destinationPath': 's3://b'}}}}
            """
                .formatted(PLUGIN)));
    assertThat(scratch.resolve("embedded/other")).doesNotExist();
    assertThat(scratch.resolve("embedded/intree")).doesNotExist();
  }

  @Test
  void aDisabledArchiverIsNobodyElse() throws Exception {
    archive(
        CallContext.of(
            """
            {'metadata': {'name': 'orders', 'namespace': 'shop'}, 'spec': {'plugins': [
              {%s}, {'name': 'other.example.com', 'isWALArchiver': true, 'enabled': false}]}}
            """
                .formatted(PLUGIN)));

    assertThat(scratch.resolve("embedded/orders")).exists();
  }

  @Test
  void archivingThatIsOffRulesOutBackups() throws Exception {
    CallContext off = cluster("'isWALArchiver': true, 'parameters': {'walArchiving': 'off'}");
    archive(off);
    assertThat(scratch.resolve("embedded/orders")).doesNotExist();

    assertKind(
        Kind.PRECONDITION,
        () ->
            plugin
                .backups()
                .backup(new BackupRequest(backup(), CallContext.parameters(Map.of())), off));
  }

  @Test
  void aNewDatabaseIsKeptOutOfAnotherOnesArchive() throws Exception {
    CallContext cluster = cluster("'isWALArchiver': true");
    String two = "000000010000000000000002";
    Files.write(wal.resolve(two), WalFiles.segment(two, 42, 1));
    plugin
        .wal()
        .archive(
            new WalArchiveRequest(
                wal.resolve(two), CallContext.parameters(Map.of()), Optional.of(false)),
            cluster);
    WalFiles.ready(wal, ONE, 1);

    assertKind(
        Kind.PRECONDITION,
        () ->
            plugin
                .wal()
                .archive(
                    new WalArchiveRequest(
                        wal.resolve(ONE), CallContext.parameters(Map.of()), Optional.of(true)),
                    cluster));
  }

  @Test
  void anOlderOperatorsMarkerIsObeyedAndRemoved() throws Exception {
    Path marker = Files.createFile(scratch.resolve("pgdata/.check-empty-wal-archive"));

    archive(cluster("'isWALArchiver': true"));

    assertThat(marker).doesNotExist();
  }

  @Test
  void walComesBackFromTheSourceWhileThereIsNoPrimaryAndFromTheOwnArchiveAfterwards()
      throws Exception {
    archive(
        cluster(
            "'isWALArchiver': true, 'parameters': {'barmanObjectName': 'backups', 'serverName':"
                + " 'source'}"));

    plugin.wal().restore(restore(), recovered(""));
    assertThat(scratch.resolve("pgdata/pg_wal/RECOVERYXLOG"))
        .hasBinaryContent(WalFiles.segment(ONE, WalFiles.SYSTEM, 1));
    assertKind(
        Kind.NOT_FOUND,
        () -> plugin.wal().restore(restore(), recovered("'currentPrimary': 'orders-2'")));
  }

  @Test
  void aStoreThatIsAwayIsUnavailableAndNotTheEndOfTheArchive() throws Exception {
    Files.delete(bucket);

    assertThatThrownBy(() -> plugin.wal().restore(restore(), recovered("")))
        .isInstanceOf(PluginException.class)
        .satisfies(e -> assertThat(((PluginException) e).kind()).isNotEqualTo(Kind.NOT_FOUND));
  }

  @Test
  void walOfAnotherDatabaseIsNotRestored() throws Exception {
    CallContext cluster = cluster("'isWALArchiver': true");
    archive(cluster);
    Files.createDirectories(scratch.resolve("pgdata/global"));
    Files.write(scratch.resolve("pgdata/global/pg_control"), new byte[] {42, 0, 0, 0, 0, 0, 0, 0});

    assertThatThrownBy(() -> plugin.wal().restore(restore(), cluster))
        .hasMessageContaining("this one is 42");
  }

  @Test
  void theStatusNamesTheOldestAndTheNewestSegment() throws Exception {
    CallContext cluster = cluster("'isWALArchiver': true");
    archive(cluster);

    assertThat(plugin.wal().status(cluster).firstWal()).isEqualTo(ONE);
    assertThat(plugin.wal().status(cluster).lastWal()).isEqualTo(ONE);
  }

  @Test
  void theFirstRequiredWalIsRememberedInTheArchiveAndShownInTheStatus() throws Exception {
    CallContext cluster = cluster("'isWALArchiver': true");
    archive(cluster);
    String two = "000000010000000000000002";

    plugin.wal().setFirstRequired(two + ".00000028.backup", cluster);

    assertThat(scratch.resolve("embedded/orders/howdah-first-required-wal")).hasContent(two + "\n");
    assertThat(plugin.wal().status(cluster).additionalInformation())
        .containsEntry("firstRequired", two);
    plugin.wal().setFirstRequired(ONE, cluster);
    assertThat(plugin.wal().status(cluster).additionalInformation())
        .containsEntry("firstRequired", ONE);
    assertKind(Kind.INVALID, () -> plugin.wal().setFirstRequired("00000002.history", cluster));
  }

  private WalRestoreRequest restore() {
    return new WalRestoreRequest(
        ONE,
        scratch.resolve("pgdata/pg_wal/RECOVERYXLOG"),
        WalRestoreRequest.Mode.RECOVERY,
        CallContext.parameters(Map.of()));
  }
}
