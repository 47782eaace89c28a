package dev.howdah.plugins.objectstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.backup.BaseBackup.Made;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.recovery.BackupRestore.Destination;
import dev.howdah.plugins.objectstore.recovery.BackupVerification;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a restore puts into directories, and what it never touches. */
@ExtendWith(LostDatabase.Extension.class)
class RestoreTest {

  @TempDir Path root;

  private final Belongings belongings = new Belongings();
  private final LostDatabase lost;
  private final Archive archive;
  private final Made first;

  RestoreTest(LostDatabase lost) {
    this.lost = lost;
    this.archive = lost.archive;
    this.first = lost.first;
  }

  @AfterEach
  void clearAway() throws Exception {
    belongings.close();
  }

  @Test
  void leftoversOfAFailedAttemptAreClearedAwayButNobodysDataEver() throws Exception {
    Path directory = belongings.directory();
    Path data = directory.resolve("data");
    Path space = directory.resolve("space");
    Files.createDirectories(data.resolve("base/1"));
    Files.writeString(data.resolve("base/1/112"), "half");
    Destination to = new Destination(data, Optional.empty(), Map.of("fast", space), 2);
    Catalogue.Entry backup = Catalogue.read(archive).find(first.id()).orElseThrow();

    assertThatThrownBy(() -> BackupRestore.restore(archive, backup, to))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("is not empty");
    assertThat(data.resolve("base/1/112")).hasContent("half");

    Files.createFile(data.resolve(".howdah-restore"));
    Files.createFile(data.resolve("leftover"));
    assertThat(BackupRestore.restore(archive, backup, to)).isGreaterThan(20_000_000);
    assertThat(data.resolve("leftover")).doesNotExist();
    assertThat(data.resolve(".howdah-restore")).doesNotExist();
    assertThat(space.resolve(".howdah-restore")).doesNotExist();
    assertThat(space.resolve(".howdah-restored")).exists();
  }

  @Test
  void aCompleteAttemptsTablespacesAreClearedAwayOnlyIfItWasNeverInService() throws Exception {
    Path directory = belongings.directory();
    Path data = directory.resolve("data");
    Path space = directory.resolve("space");
    Destination to = new Destination(data, Optional.empty(), Map.of("fast", space), 2);
    Catalogue.Entry backup = Catalogue.read(archive).find(first.id()).orElseThrow();
    BackupRestore.restore(archive, backup, to);
    Path ofFirstAttempt = Files.createFile(space.resolve("of the first attempt"));
    // As the operator does when recovery has failed; it knows nothing of tablespaces.
    Files.move(data, directory.resolve("moved away"));

    assertThatThrownBy(() -> BackupRestore.restore(archive, backup, to))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining(space + " is not empty");
    assertThat(ofFirstAttempt).exists();
    Postgres.delete(data);
    BackupRestore.restore(
        archive, backup, new Destination(data, to.walDirectory(), to.tablespaces(), 2, true));
    assertThat(ofFirstAttempt).doesNotExist();
    assertThat(data.resolve("PG_VERSION")).exists();
  }

  @Test
  void nothingIsRestoredBesideSomebodysWal() throws Exception {
    Path directory = belongings.directory();
    Path wal = Files.createDirectory(directory.resolve("wal"));
    Files.createFile(wal.resolve("000000010000000000000001"));
    Catalogue.Entry backup = Catalogue.read(archive).find(first.id()).orElseThrow();

    assertThatThrownBy(
            () ->
                BackupRestore.restore(
                    archive,
                    backup,
                    new Destination(directory.resolve("data"), Optional.of(wal), Map.of(), 2)))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining(wal + " is not empty");
    assertThat(directory.resolve("data")).doesNotExist();
  }

  @Test
  void aFlippedByteInATarFailsTheRestoreAndNamesIt() throws Exception {
    Path copy = Files.createTempDirectory(root, "copy");
    lost.copyTo(copy);
    Archive damaged = new Archive(DirectoryStore.open(copy), archive.layout());
    Path tar = copy.resolve(damaged.layout().backup(first.id()) + "data.tar");
    try (var file = new java.io.RandomAccessFile(tar.toFile(), "rw")) {
      file.seek(file.length() / 2);
      int value = file.read();
      file.seek(file.length() / 2);
      file.write(value ^ 1);
    }
    Path directory = belongings.directory();

    assertThatThrownBy(
            () ->
                BackupRestore.restore(
                    damaged,
                    Catalogue.read(damaged).find(first.id()).orElseThrow(),
                    new Destination(
                        directory.resolve("data"),
                        Optional.empty(),
                        Map.of("fast", directory.resolve("space")),
                        2)))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("data.tar is damaged");
    Files.delete(
        copy.resolve(
            damaged.layout().wal(WalName.parse(first.info().endWal().orElseThrow()), Codec.LZ4)));
    assertThat(
            BackupVerification.of(damaged, Catalogue.read(damaged).find(first.id()).orElseThrow())
                .problems())
        .containsExactly(
            "data.tar is not what was stored",
            "WAL " + first.info().endWal().orElseThrow() + " is missing");
  }
}
