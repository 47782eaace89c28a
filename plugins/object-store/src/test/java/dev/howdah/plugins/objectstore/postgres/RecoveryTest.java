package dev.howdah.plugins.objectstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.backup.BaseBackup.Made;
import dev.howdah.plugins.objectstore.cli.ObjectStoreCommandRun;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.recovery.BackupChoice;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.recovery.BackupRestore.Destination;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The lost database comes back, at every kind of recovery target, in a PostgreSQL of its own. */
@ExtendWith(LostDatabase.Extension.class)
class RecoveryTest {

  private static final AtomicInteger PORTS = new AtomicInteger(15440);

  @TempDir Path root;

  private final Belongings belongings = new Belongings();
  private final LostDatabase lost;
  private final Archive archive;
  private final WalCommands commands;
  private final Made first;
  private final Made second;
  private final String atFirstMark;
  private final Instant firstMarkTime;
  private final Lsn firstMarkLsn;
  private final String alone;
  private final String prepared;
  private final String late;
  private final String atSecondBackup;
  private final String atEnd;

  RecoveryTest(LostDatabase lost) {
    this.lost = lost;
    this.archive = lost.archive;
    this.commands = lost.commands;
    this.first = lost.first;
    this.second = lost.second;
    this.atFirstMark = lost.atFirstMark;
    this.firstMarkTime = lost.firstMarkTime;
    this.firstMarkLsn = lost.firstMarkLsn;
    this.alone = lost.alone;
    this.prepared = lost.prepared;
    this.late = lost.late;
    this.atSecondBackup = lost.atSecondBackup;
    this.atEnd = lost.atEnd;
  }

  @AfterEach
  void clearAway() throws Exception {
    belongings.close();
  }

  @Test
  void theLatestStateComesBackFromTheSecondBackup() throws Exception {
    BackupChoice choice =
        BackupChoice.choose(archive, Catalogue.read(archive), RecoveryTarget.LATEST);
    assertThat(choice.backup().id()).isEqualTo(second.id());

    assertThat(recover(choice.backup(), Map.of())).isEqualTo(atEnd);
  }

  @Test
  void aTimeBeforeTheSecondBackupComesBackFromTheFirst() throws Exception {
    RecoveryTarget target = target(new Until.Time(firstMarkTime));
    BackupChoice choice = BackupChoice.choose(archive, Catalogue.read(archive), target);
    assertThat(choice.backup().id()).isEqualTo(first.id());
    assertThat(choice.passedOver()).anyMatch(why -> why.contains("ended after the target time"));

    assertThat(
            recover(
                choice.backup(),
                Map.of(
                    "recovery_target_time",
                    firstMarkTime.toString().replace('T', ' ').replace("Z", "+00"))))
        .isEqualTo(atFirstMark);
  }

  @Test
  void aPositionComesBack() throws Exception {
    BackupChoice choice =
        BackupChoice.choose(
            archive, Catalogue.read(archive), target(new Until.Position(firstMarkLsn)));
    assertThat(choice.backup().id()).isEqualTo(first.id());

    assertThat(recover(choice.backup(), Map.of("recovery_target_lsn", firstMarkLsn.toString())))
        .isEqualTo(atFirstMark);
  }

  @Test
  void aNamedPointIsFoundInTheWalAndComesBackFromTheBackupBeforeIt() throws Exception {
    BackupChoice choice = choose(new Until.RestorePoint("first mark"));

    assertThat(choice.backup().id()).isEqualTo(first.id());
    assertThat(choice.reason())
        .startsWith("the WAL after it has the restore point 'first mark' at");
    assertThat(choice.passedOver())
        .anyMatch(why -> why.startsWith(second.id() + " has no restore point 'first mark'"));
    assertThat(recover(choice.backup(), Map.of("recovery_target_name", "first mark")))
        .isEqualTo(atFirstMark);
  }

  @Test
  void aTransactionIsFoundInTheWalWhetherItEndedInOnePhaseOrInTwo() throws Exception {
    assertThat(choose(RecoveryTarget.parseTransaction(alone)).backup().id()).isEqualTo(first.id());
    assertThat(choose(RecoveryTarget.parseTransaction(late)).backup().id()).isEqualTo(second.id());
    BackupChoice choice = choose(RecoveryTarget.parseTransaction(prepared));

    assertThat(choice.backup().id()).isEqualTo(first.id());
    // Between it and the mark nothing was written.
    assertThat(recover(choice.backup(), Map.of("recovery_target_xid", prepared)))
        .isEqualTo(atFirstMark);
  }

  @Test
  void recoveryThatEndsAtOnceBeginsWithTheNewestBackup() throws Exception {
    BackupChoice choice = choose(new Until.Consistency());

    assertThat(choice.backup().id()).isEqualTo(second.id());
    assertThat(recover(choice.backup(), Map.of("recovery_target", "immediate")))
        .isEqualTo(atSecondBackup);
  }

  @Test
  void aPointThatIsNowhereHasNoBackup() {
    assertThatThrownBy(() -> choose(new Until.RestorePoint("last mark")))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining(first.id() + " has no restore point 'last mark'")
        .hasMessageContaining(second.id() + " has no restore point 'last mark'");
  }

  @Test
  void theCommandsFindATransactionInTheWalAndRestoreTheBackupBeforeIt() throws Exception {
    Path copy = Files.createTempDirectory(root, "commands");
    lost.copyTo(copy);
    Path directory = belongings.directory();

    String plan = ObjectStoreCommandRun.over(copy, "main", "plan", "--target-xid", prepared).out();
    assertThat(plan)
        .contains("backup      " + first.id())
        .contains("chosen      because the WAL after it has the end of transaction " + prepared);
    ObjectStoreCommandRun restore =
        ObjectStoreCommandRun.over(
            copy,
            "main",
            "restore",
            "--target-name",
            "first mark",
            "--to",
            directory.resolve("data").toString(),
            "--tablespace",
            "fast=" + directory.resolve("space"),
            "--progress");
    assertThat(restore.err()).contains("restoring " + first.id() + " [").contains("100%");
    assertThat(restore.exitCode()).as(restore.err()).isZero();
    assertThat(restore.out()).startsWith("restored " + first.id());
  }

  private BackupChoice choose(Until until) throws Exception {
    return BackupChoice.choose(archive, Catalogue.read(archive), target(until));
  }

  private static RecoveryTarget target(Until until) {
    return new RecoveryTarget(Optional.empty(), Optional.empty(), until);
  }

  private String recover(Catalogue.Entry backup, Map<String, String> target) throws Exception {
    Path directory = belongings.directory();
    Path data = directory.resolve("data");
    BackupRestore.restore(
        archive,
        backup,
        new Destination(
            data,
            Optional.of(directory.resolve("wal")),
            Map.of("fast", directory.resolve("space")),
            2));
    Postgres restored = belongings.keep(Postgres.over(data, PORTS.incrementAndGet()));
    Map<String, String> settings = new LinkedHashMap<>(target);
    settings.put("archive_mode", "off");
    settings.put("restore_command", commands.restoreCommand());
    settings.put("recovery_target_action", "promote");
    restored.configure(settings);
    Files.createFile(data.resolve("recovery.signal"));
    Postgres.own(directory);
    restored.start();
    restored.awaitPrimary();
    String checksums = LostDatabase.checksums(restored);
    restored.stop();
    return checksums;
  }
}
