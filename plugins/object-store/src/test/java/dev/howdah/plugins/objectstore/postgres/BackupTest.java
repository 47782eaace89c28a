package dev.howdah.plugins.objectstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.backup.BaseBackup.Made;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.store.StoredObject;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a base backup leaves in the archive, and what one that fails does. */
@ExtendWith(LostDatabase.Extension.class)
class BackupTest {

  private final Archive archive;
  private final Made first;
  private final Made second;
  private final Path tablespace;
  private final Archive withoutWal;
  private final PluginException withoutWalFailure;
  private final Archive givenUp;
  private final PluginException givenUpFailure;

  BackupTest(LostDatabase lost) {
    this.archive = lost.archive;
    this.first = lost.first;
    this.second = lost.second;
    this.tablespace = lost.tablespace;
    this.withoutWal = lost.withoutWal;
    this.withoutWalFailure = lost.withoutWalFailure;
    this.givenUp = lost.givenUp;
    this.givenUpFailure = lost.givenUpFailure;
  }

  @Test
  void theCatalogueListsBothBackupsAsTheyWereMade() throws Exception {
    Catalogue catalogue = Catalogue.read(archive);

    assertThat(catalogue.backups())
        .extracting(Catalogue.Entry::id)
        .containsSubsequence(first.id(), second.id());
    BackupInfo info = catalogue.find(first.id()).orElseThrow().info();
    assertThat(info).isEqualTo(first.info());
    assertThat(info.timeline()).contains(1);
    assertThat(info.tablespaces())
        .singleElement()
        .satisfies(found -> assertThat(found.location()).isEqualTo(tablespace.toString()));
    assertThat(info.beginLsn().orElseThrow()).isLessThan(info.endLsn().orElseThrow());
    assertThat(info.backupLabel().orElseThrow()).contains("LABEL: Howdah backup " + first.id());
    assertThat(archive.find(WalName.parse(info.endWal().orElseThrow()))).hasSize(1);
  }

  @Test
  void archivesAreSplitWhereTheSettingsSaySo() throws Exception {
    assertThat(archive.store().list(archive.layout().backup(second.id())))
        .extracting(StoredObject::name)
        .contains("data.tar.gz", "data_0001.tar.gz", "backup.info", "howdah-manifest.jsonl");
  }

  @Test
  void aBackupWhoseLastWalIsNotArchivedFailsAndLeavesOnlyItsReason() throws Exception {
    assertThat(withoutWalFailure).hasMessageContaining("last WAL was not archived in time");
    assertOnlyTheReasonIsLeft(withoutWal, "last WAL was not archived in time");
  }

  @Test
  void aBackupThatIsGivenUpLeavesOnlyItsReason() throws Exception {
    assertThat(givenUpFailure).isNotNull();
    assertOnlyTheReasonIsLeft(givenUp, "make the backup");
  }

  private static void assertOnlyTheReasonIsLeft(Archive archive, String reason) throws Exception {
    assertThat(archive.store().list(""))
        .singleElement()
        .satisfies(object -> assertThat(object.name()).isEqualTo("backup.info"));
    Catalogue catalogue = Catalogue.read(archive);
    assertThat(catalogue.restorable()).isEmpty();
    assertThat(catalogue.backups())
        .singleElement()
        .satisfies(
            entry -> {
              assertThat(entry.info().status()).isEqualTo(BackupInfo.FAILED);
              assertThat(entry.info().error().orElseThrow()).contains(reason);
            });
  }
}
