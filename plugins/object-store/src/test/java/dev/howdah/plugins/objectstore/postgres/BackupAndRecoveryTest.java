package dev.howdah.plugins.objectstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.backup.BackupProgress;
import dev.howdah.plugins.objectstore.backup.BackupSettings;
import dev.howdah.plugins.objectstore.backup.BaseBackup;
import dev.howdah.plugins.objectstore.backup.BaseBackup.Made;
import dev.howdah.plugins.objectstore.cli.ObjectStoreCommandRun;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.Lsn;
import dev.howdah.plugins.objectstore.layout.WalHeader;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.recovery.BackupChoice;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.recovery.BackupRestore.Destination;
import dev.howdah.plugins.objectstore.recovery.BackupVerification;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget;
import dev.howdah.plugins.objectstore.recovery.RecoveryTarget.Until;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.store.S3Server;
import dev.howdah.plugins.objectstore.store.S3Settings;
import dev.howdah.plugins.objectstore.store.S3Store;
import dev.howdah.plugins.objectstore.store.StoredObject;
import dev.howdah.plugins.objectstore.wal.LookAhead;
import dev.howdah.plugins.objectstore.wal.WalArchiver;
import dev.howdah.plugins.objectstore.wal.WalRecordChain;
import dev.howdah.plugins.objectstore.wal.WalRestorer;
import dev.howdah.plugins.objectstore.wal.WalWriteSettings;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A database is archived, backed up, lost and recovered, with a real PostgreSQL. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BackupAndRecoveryTest {

  private static final String CHECKSUM =
      "SELECT count(*) || ' ' || coalesce(sum(hashtext(t::text)::bigint), 0) FROM %s t";

  private static final int PAGE = 8192;
  private static final int SYSTEM_ID = 24;

  @TempDir static Path root;
  @TempDir static Path spool;

  private final AtomicInteger ports = new AtomicInteger(15432);
  private final Belongings belongings = new Belongings();
  private S3Server s3;
  private Archive archive;
  private LookAhead lookAhead;
  private WalRestorer restorer;
  private WalCommands commands;
  private Postgres primary;
  private Path tablespace;
  private Made first;
  private Made second;
  private String atFirstMark;
  private Instant firstMarkTime;
  private Lsn firstMarkLsn;
  private String alone;
  private String prepared;
  private String late;
  private String atSecondBackup;
  private String atEnd;
  private Archive withoutWal;
  private PluginException withoutWalFailure;
  private Archive givenUp;
  private PluginException givenUpFailure;

  @BeforeAll
  void liveADatabasesLifeAndLoseIt() throws Exception {
    s3 = keep(S3Server.start());
    s3.createBucket("backups");
    archive =
        new Archive(
            keep(S3Store.open(S3Settings.of("backups", "pg", s3.endpoint(), S3Server.CREDENTIALS))),
            new ArchiveLayout("main"));
    WalWriteSettings settings = new WalWriteSettings(Codec.LZ4, Map.of(), Map.of(), 3);
    lookAhead = keep(new LookAhead(new WalArchiver(new PartBuffers(4, 5 << 20)), 3));
    restorer = keep(WalRestorer.open(spool, 2));
    commands =
        keep(
            new WalCommands(
                source -> lookAhead.archive(archive, settings, source, true),
                (name, destination) ->
                    restorer.restore(
                        archive,
                        new WalRestorer.Order(
                            WalName.parse(name),
                            destination,
                            Optional.empty(),
                            2,
                            Duration.ofSeconds(10)))));
    Map<String, String> configuration = new LinkedHashMap<>();
    configuration.put("archive_mode", "on");
    configuration.put("archive_command", commands.archiveCommand());
    configuration.put("max_wal_size", "128MB");
    configuration.put("min_wal_size", "32MB");
    configuration.put("fsync", "off");
    configuration.put("max_prepared_transactions", "2");
    primary =
        keep(
            Postgres.initialise(
                directory().resolve("data"), ports.incrementAndGet(), configuration));
    primary.start();
    primary.awaitPrimary();
    tablespace = directory();
    primary.execute(
        "CREATE TABLESPACE fast LOCATION '" + tablespace + "'",
        "CREATE TABLE numbers (id int PRIMARY KEY, word text)",
        "CREATE TABLE numbers_to_drop (id int)",
        "CREATE TABLE quick (id int PRIMARY KEY, word text) TABLESPACE fast",
        "INSERT INTO numbers SELECT i, md5(i::text) FROM generate_series(1, 60000) i",
        "INSERT INTO quick SELECT i, md5(i::text) FROM generate_series(1, 20000) i");
    first = backup(BackupSettings.DEFAULT);
    primary.execute(
        "INSERT INTO numbers SELECT i, md5(i::text) FROM generate_series(60001, 90000) i",
        "DELETE FROM quick WHERE id % 3 = 0");
    alone = endTransaction("INSERT INTO numbers VALUES (-3, 'alone')", "COMMIT");
    prepared =
        endTransaction(
            // All that can stand before the id in the record of a transaction in two phases.
            "CREATE TABLE extra (id int); DROP TABLE numbers_to_drop; SAVEPOINT one; INSERT INTO"
                + " numbers VALUES (-2, 'prepared'); SAVEPOINT two; INSERT INTO extra VALUES (1)",
            "PREPARE TRANSACTION 'two phases'");
    primary.execute("COMMIT PREPARED 'two phases'");
    primary.execute("SELECT pg_create_restore_point('first mark')");
    atFirstMark = checksums(primary);
    firstMarkLsn = Lsn.parse(primary.query("SELECT pg_current_wal_insert_lsn()"));
    firstMarkTime = RecoveryTarget.parseTime(primary.query("SELECT clock_timestamp()::text"));
    primary.execute("SELECT pg_sleep(0.05)", "INSERT INTO numbers VALUES (-1, 'after the mark')");
    atSecondBackup = checksums(primary);
    second = backup(split(BackupSettings.DEFAULT.compressed(Codec.GZIP)));
    failToBackUp();
    late = endTransaction("UPDATE quick SET word = 'changed' WHERE id % 5 = 0", "COMMIT");
    atEnd = checksums(primary);
    primary.awaitArchived();
    primary.kill();
  }

  @AfterAll
  void clearAway() throws Exception {
    belongings.close();
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
    copyTo(copy);
    Path directory = directory();

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

  @Test
  void leftoversOfAFailedAttemptAreClearedAwayButNobodysDataEver() throws Exception {
    Path directory = directory();
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
    Path directory = directory();
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
    Path directory = directory();
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
    copyTo(copy);
    Archive damaged = new Archive(DirectoryStore.open(copy), archive.layout());
    Path tar = copy.resolve(damaged.layout().backup(first.id()) + "data.tar");
    try (var file = new java.io.RandomAccessFile(tar.toFile(), "rw")) {
      file.seek(file.length() / 2);
      int value = file.read();
      file.seek(file.length() / 2);
      file.write(value ^ 1);
    }
    Path directory = directory();

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

  private void copyTo(Path copy) throws Exception {
    for (StoredObject object : archive.store().list(archive.layout().server() + "/")) {
      try (var download = archive.store().read(object.key(), 0, null)) {
        Path file = copy.resolve(object.key());
        Files.createDirectories(file.getParent());
        Files.copy(download.content(), file);
      }
    }
  }

  private String endTransaction(String statements, String end) throws Exception {
    try (var connection = primary.connect();
        var statement = connection.createStatement()) {
      statement.execute("BEGIN");
      for (String sql : statements.split("; ")) {
        statement.execute(sql);
      }
      try (var row = statement.executeQuery("SELECT pg_current_xact_id()::text")) {
        row.next();
        String transaction = row.getString(1);
        statement.execute(end);
        return transaction;
      }
    }
  }

  // Into an archive that no WAL goes to, and with nobody who waits for it.
  private void failToBackUp() throws Exception {
    Path other = Files.createTempDirectory(root, "other");
    withoutWal = new Archive(DirectoryStore.open(other), new ArchiveLayout("main"));
    BackupSettings impatient =
        new BackupSettings(Codec.NONE, 2, 1 << 20, 1L << 30, true, Map.of(), Duration.ofMillis(1));
    withoutWalFailure =
        catchThrowableOfType(
            PluginException.class,
            () ->
                new BaseBackup(Clock.systemUTC())
                    .make(
                        withoutWal,
                        primary.address(),
                        "without-wal",
                        impatient,
                        new BackupProgress(() -> false)));
    Path cancelled = Files.createTempDirectory(root, "cancelled");
    givenUp = new Archive(DirectoryStore.open(cancelled), new ArchiveLayout("main"));
    AtomicInteger questions = new AtomicInteger();
    givenUpFailure =
        catchThrowableOfType(
            PluginException.class,
            () ->
                new BaseBackup(Clock.systemUTC())
                    .make(
                        givenUp,
                        primary.address(),
                        "given-up",
                        impatient,
                        new BackupProgress(() -> questions.incrementAndGet() > 500)));
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

  @Test
  void bothBackupsAreFoundSound() throws Exception {
    for (Made made : List.of(first, second)) {
      BackupVerification found =
          BackupVerification.of(archive, Catalogue.read(archive).find(made.id()).orElseThrow());
      assertThat(found.problems()).isEmpty();
      assertThat(found.bytes()).isGreaterThan(1_000_000);
    }
  }

  @Test
  void everyRecordOfTheWalIsFollowedFromSegmentToSegment() throws Exception {
    WalRecordChain chain = new WalRecordChain();
    for (WalName.Segment name : archivedSegments()) {
      assertThat(followed(chain, name, wal(name))).as(name.name()).isEmpty();
    }

    assertThat(archivedSegments()).hasSizeGreaterThan(3);
    // Each row alone has one.
    assertThat(chain.records()).isGreaterThan(110_000);
  }

  @Test
  void aFlippedByteInARecordIsFoundWithItsPosition() throws Exception {
    WalName.Segment name = archivedSegments().get(1);
    byte[] segment = wal(name);
    int record = firstRecord(segment);
    segment[record + 24] ^= 0x10;
    Lsn position = new Lsn(header(segment).pageAddress().value() + record);

    assertThat(followed(new WalRecordChain(), name, segment))
        .contains("the record at %s has a wrong CRC".formatted(position));
  }

  @Test
  void aPageOfAnotherSegmentIsFound() throws Exception {
    List<WalName.Segment> names = archivedSegments();
    byte[] segment = wal(names.get(0));
    System.arraycopy(wal(names.get(1)), 3 * PAGE, segment, 3 * PAGE, PAGE);
    Lsn position = new Lsn(header(segment).pageAddress().value() + 3 * PAGE);

    assertThat(followed(new WalRecordChain(), names.get(0), segment))
        .contains("the page at %s is not WAL of this segment".formatted(position));
  }

  @Test
  void verificationNamesWalWithABrokenRecordAndWalOfAnotherDatabase() throws Exception {
    WalName.Segment name = (WalName.Segment) WalName.parse(first.info().beginWal().orElseThrow());
    byte[] segment = wal(name);
    byte[] flipped = segment.clone();
    int record = firstRecord(flipped);
    flipped[record + 24] ^= 0x01;
    byte[] foreign = segment.clone();
    foreign[SYSTEM_ID] ^= 0x01;

    assertThat(problemsWith(name, segment)).isEmpty();
    assertThat(problemsWith(name, flipped))
        .singleElement()
        .asString()
        .startsWith("WAL " + name.name() + " is damaged: the record at ")
        .endsWith("has a wrong CRC");
    assertThat(problemsWith(name, foreign))
        .singleElement()
        .asString()
        .isEqualTo(
            "WAL %s is of the database with system identifier %s"
                .formatted(name.name(), header(foreign).systemIdText()));
  }

  private List<WalName.Segment> archivedSegments() throws Exception {
    return archive.store().list(archive.layout().wals()).stream()
        .map(object -> Codec.LZ4.strip(object.name()))
        .filter(WalName::isOne)
        .map(WalName::parse)
        .filter(WalName.Segment.class::isInstance)
        .map(WalName.Segment.class::cast)
        .filter(segment -> segment.timeline() == 1)
        .sorted(Comparator.comparing(WalName.Segment::name))
        .toList();
  }

  private byte[] wal(WalName.Segment name) throws Exception {
    try (InputStream in = archive.open(archive.layout().wal(name, Codec.LZ4), Codec.LZ4)) {
      return in.readAllBytes();
    }
  }

  private static WalHeader header(byte[] segment) {
    return WalHeader.parse(segment).orElseThrow();
  }

  private static Optional<String> followed(
      WalRecordChain chain, WalName.Segment name, byte[] segment) throws Exception {
    assertThat(header(segment).contradiction(name, segment.length)).isEmpty();
    return chain.follow(new ByteArrayInputStream(segment), header(segment));
  }

  // A page's header says at its 16th byte how much of the record from before goes on there.
  private static int firstRecord(byte[] segment) {
    ByteBuffer pages = ByteBuffer.wrap(segment).order(ByteOrder.nativeOrder());
    int page = 0;
    int header = WalHeader.LENGTH;
    while (pages.getInt(page + 16) > PAGE - header - 64) {
      page += PAGE;
      header = 24;
    }
    return page + (header + pages.getInt(page + 16) + 7) / 8 * 8;
  }

  // Of the first backup, in an archive that has one segment instead of what was archived.
  private List<String> problemsWith(WalName.Segment name, byte[] segment) throws Exception {
    Path copy = Files.createTempDirectory(root, "copy");
    Archive altered = new Archive(DirectoryStore.open(copy), archive.layout());
    for (StoredObject object : archive.store().list("")) {
      if (!object.name().startsWith(name.name())) {
        Files.createDirectories(copy.resolve(object.key()).getParent());
        try (InputStream in = archive.open(object.key(), Codec.NONE)) {
          Files.copy(in, copy.resolve(object.key()));
        }
      }
    }
    Files.write(copy.resolve(altered.layout().wal(name, Codec.NONE)), segment);
    return BackupVerification.of(altered, Catalogue.read(altered).find(first.id()).orElseThrow())
        .problems();
  }

  private String recover(Catalogue.Entry backup, Map<String, String> target) throws Exception {
    Path directory = directory();
    Path data = directory.resolve("data");
    BackupRestore.restore(
        archive,
        backup,
        new Destination(
            data,
            Optional.of(directory.resolve("wal")),
            Map.of("fast", directory.resolve("space")),
            2));
    Postgres restored = keep(Postgres.over(data, ports.incrementAndGet()));
    Map<String, String> settings = new LinkedHashMap<>(target);
    settings.put("archive_mode", "off");
    settings.put("restore_command", commands.restoreCommand());
    settings.put("recovery_target_action", "promote");
    restored.configure(settings);
    Files.createFile(data.resolve("recovery.signal"));
    Postgres.own(directory);
    restored.start();
    restored.awaitPrimary();
    String checksums = checksums(restored);
    restored.stop();
    return checksums;
  }

  private static RecoveryTarget target(Until until) {
    return new RecoveryTarget(Optional.empty(), Optional.empty(), until);
  }

  private Made backup(BackupSettings settings) throws Exception {
    BackupSettings fast =
        new BackupSettings(
            settings.codec(),
            settings.jobs(),
            settings.partSize(),
            settings.archiveSize(),
            true,
            settings.tags(),
            Duration.ofSeconds(30));
    return new BaseBackup(Clock.systemUTC())
        .make(archive, primary.address(), "a-name", fast, new BackupProgress(() -> false));
  }

  private static BackupSettings split(BackupSettings settings) {
    return new BackupSettings(
        settings.codec(),
        settings.jobs(),
        settings.partSize(),
        2 << 20,
        true,
        settings.tags(),
        settings.walPatience());
  }

  private static String checksums(Postgres postgres) throws Exception {
    return postgres.query(CHECKSUM.formatted("numbers"))
        + " / "
        + postgres.query(CHECKSUM.formatted("quick"));
  }

  private Path directory() throws Exception {
    return belongings.directory();
  }

  private <T extends AutoCloseable> T keep(T resource) {
    return belongings.keep(resource);
  }
}
