package dev.howdah.plugins.objectstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.archive.VerificationRecord;
import dev.howdah.plugins.objectstore.backup.BackupProgress;
import dev.howdah.plugins.objectstore.backup.BackupSettings;
import dev.howdah.plugins.objectstore.backup.BaseBackup;
import dev.howdah.plugins.objectstore.cli.ObjectStoreCommand;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.recovery.Verification;
import dev.howdah.plugins.objectstore.store.DirectoryStore;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.wal.WalArchiver;
import dev.howdah.plugins.objectstore.wal.WalWriteSettings;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/**
 * The archive of a real PostgreSQL that was promoted once: {@code verify} finds it sound, and names
 * what is broken in a copy of it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerificationTest {

  private static final int SYSTEM_ID = 24;

  @TempDir static Path root;

  private final Belongings belongings = new Belongings();
  private Path original;
  private String id;
  // Of both timelines, in the order in which a recovery replays them, those after the backup.
  private List<WalName.Segment> later;

  private Path copy;
  private Archive archive;
  private final StringWriter out = new StringWriter();

  @BeforeAll
  void archiveBackUpAndPromote() throws Exception {
    original = Files.createDirectory(root.resolve("original"));
    Archive into = new Archive(DirectoryStore.open(original), new ArchiveLayout("main"));
    WalWriteSettings settings = new WalWriteSettings(Codec.ZSTD, Map.of(), Map.of(), 1);
    WalArchiver archiver = new WalArchiver(new PartBuffers(2, 5 << 20));
    WalCommands commands =
        belongings.keep(
            new WalCommands(
                source -> archiver.archive(into, settings, source), (name, destination) -> {}));
    Map<String, String> configuration = new LinkedHashMap<>();
    configuration.put("archive_mode", "on");
    configuration.put("archive_command", commands.archiveCommand());
    configuration.put("fsync", "off");
    Path data = belongings.directory().resolve("data");
    Postgres postgres = belongings.keep(Postgres.initialise(data, 15732, configuration));
    postgres.start();
    postgres.awaitPrimary();
    Path tablespace = belongings.directory();
    postgres.execute(
        "CREATE TABLESPACE fast LOCATION '" + tablespace + "'",
        "CREATE TABLE numbers (id int PRIMARY KEY, word text) TABLESPACE fast",
        "INSERT INTO numbers SELECT i, md5(i::text) FROM generate_series(1, 5000) i");
    BackupSettings plain = BackupSettings.DEFAULT;
    BaseBackup.Made made =
        new BaseBackup(Clock.systemUTC())
            .make(
                into,
                postgres.address(),
                "a-name",
                new BackupSettings(
                    plain.codec(),
                    plain.jobs(),
                    plain.partSize(),
                    plain.archiveSize(),
                    true,
                    plain.tags(),
                    Duration.ofSeconds(30)),
                new BackupProgress(() -> false));
    id = made.id();
    load(postgres, 3);
    postgres.awaitArchived();
    postgres.stop();
    Files.createFile(data.resolve("standby.signal"));
    Postgres.own(data);
    postgres.start();
    postgres.awaitStandby();
    postgres.execute("SELECT pg_promote()");
    postgres.awaitPrimary();
    load(postgres, 2);
    postgres.awaitArchived();
    postgres.stop();
    String end = made.info().endWal().orElseThrow().substring(8);
    later =
        into.store().list(into.layout().wals()).stream()
            .map(object -> Codec.ZSTD.strip(object.name()))
            .filter(WalName::isOne)
            .map(WalName::parse)
            .filter(WalName.Segment.class::isInstance)
            .map(WalName.Segment.class::cast)
            .filter(segment -> segment.name().substring(8).compareTo(end) > 0)
            .toList();
  }

  private static void load(Postgres postgres, int segments) throws Exception {
    for (int segment = 0; segment < segments; segment++) {
      postgres.execute(
          "UPDATE numbers SET word = md5(word) WHERE id % 5 = " + segment,
          "SELECT pg_switch_wal()");
    }
  }

  @AfterAll
  void clearAway() throws Exception {
    belongings.close();
  }

  @BeforeEach
  void copyTheArchive() throws Exception {
    copy = Files.createTempDirectory(root, "copy");
    try (Stream<Path> files = Files.walk(original)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = copy.resolve(original.relativize(file));
        Files.createDirectories(to.getParent());
        Files.copy(file, to);
      }
    }
    archive = new Archive(DirectoryStore.open(copy), new ArchiveLayout("main"));
    out.getBuffer().setLength(0);
  }

  @Test
  void theWalIsFollowedOverThePromotionToTheArchivesNewest() throws Exception {
    assertThat(later).extracting(WalName.Segment::timeline).contains(1, 2);

    assertThat(verify("--follow-wal")).as(out.toString()).isZero();

    assertThat(out.toString())
        .contains("WAL       unbroken up to " + later.getLast().name())
        .contains("sound     " + id)
        .doesNotContain("wrong");
  }

  @Test
  void theResultIsKeptBesideTheBackupAndHoldsForNoOtherOne() throws Exception {
    verify("--follow-wal");

    VerificationRecord record = VerificationRecord.read(archive, backup()).orElseThrow();
    assertThat(record.sound()).isTrue();
    assertThat(record.restored()).isFalse();
    assertThat(record.bytes()).isPositive();
    assertThat(record.walUpTo()).contains(later.getLast().name());

    Path info = copy.resolve(archive.layout().backupInfo(id));
    Files.writeString(info, Files.readString(info).replace("a-name", "another"));
    assertThat(VerificationRecord.read(archive, backup())).isEmpty();
  }

  @Test
  void withoutRecordNothingIsKept() throws Exception {
    assertThat(verify("--no-record")).isZero();

    assertThat(VerificationRecord.read(archive, backup())).isEmpty();
  }

  @Test
  void aBackupIsRestoredComparedAndRemovedAgain() throws Exception {
    Path scratch = root.resolve("scratch-of-a-sound-one");

    assertThat(verify("--restore-into", scratch.toString())).as(out.toString()).isZero();

    assertThat(out.toString()).contains("restored  and compared");
    assertThat(scratch).isEmptyDirectory();
  }

  @Test
  void whoWaitsHearsOfAllBytesThatAreStored() throws Exception {
    Told told = new Told();

    new Verification(true, Optional.empty(), Optional.of(root.resolve("scratch-of-a-told-one")), 2)
        .verify(archive, backup(), Clock.systemUTC(), told);

    // Beside them only the history of the second timeline is read, which is a line.
    assertThat(told.done.get()).isBetween(told.expected, told.expected + 1000);
    assertThat(verify("--progress")).as(out.toString()).isZero();
    assertThat(out.toString()).contains("\rverifying " + id + " [").contains(" of ");
  }

  private static final class Told implements Progress {
    private final AtomicLong done = new AtomicLong();
    private volatile long expected;

    @Override
    public void expect(long amount) {
      expected = amount;
    }

    @Override
    public void advance(long amount) {
      done.addAndGet(amount);
    }
  }

  @Test
  void aRestoredFileThatIsNotWhatWasBackedUpIsNamedAndSoIsOneThatIsMissing() throws Exception {
    Path manifest = copy.resolve(archive.layout().manifest(id));
    List<String> lines = new ArrayList<>();
    for (String line : Files.readAllLines(manifest)) {
      lines.add(
          line.contains("\"PG_VERSION\"") || line.contains("\"./PG_VERSION\"")
              ? line.replaceFirst("\"sha256\":\"..", "\"sha256\":\"zz")
              : line);
      if (line.contains("backup_label")) {
        lines.add(line.replace("backup_label", "backup_label_of_yesterday"));
      }
    }
    Files.write(manifest, lines);
    Path scratch = root.resolve("scratch-of-a-broken-one");

    assertThat(verify("--restore-into", scratch.toString())).isEqualTo(1);

    assertThat(out.toString())
        .contains("PG_VERSION is not what was backed up")
        .contains("backup_label_of_yesterday is missing")
        .contains("not sound " + id);
    assertThat(scratch).isEmptyDirectory();
    assertThat(VerificationRecord.read(archive, backup()).orElseThrow().sound()).isFalse();
  }

  @Test
  void walThatIsMissingInMidChainIsNamedAndTheBackupIsSoundNevertheless() throws Exception {
    WalName.Segment gone = later.get(1);
    Files.delete(stored(gone));

    assertThat(verify("--follow-wal")).isEqualTo(1);

    assertThat(out.toString())
        .contains("wrong     later WAL " + gone.name() + " is missing")
        .contains("WAL       unbroken up to " + later.get(0).name())
        .contains("sound     " + id)
        .doesNotContain("not sound");
    assertThat(VerificationRecord.read(archive, backup()).orElseThrow().walProblems()).hasSize(1);
  }

  @Test
  void walOfAnotherDatabaseAndARecordWithAWrongCrcAreNamed() throws Exception {
    WalName.Segment foreign = later.get(0);
    change(foreign, SYSTEM_ID);
    WalName.Segment flipped = later.getLast();
    // In the second page, beyond its header, where records of the load lie.
    change(flipped, 8192 + 64);

    assertThat(verify("--follow-wal")).isEqualTo(1);

    assertThat(out.toString())
        .contains("later WAL " + foreign.name() + " is of the database with system identifier ")
        .contains("later WAL " + flipped.name() + " is damaged: ");
  }

  @Test
  void withoutAManifestItIsSaidWhatCantBeProvedAndAnArchiveThatIsCutOffIsFound() throws Exception {
    Files.delete(copy.resolve(archive.layout().manifest(id)));
    assertThat(verify()).as(out.toString()).isZero();
    assertThat(out.toString()).contains("unproven  the backup has no list of digests");

    Path tar = copy.resolve(archive.layout().backup(id) + "data.tar");
    try (FileChannel channel = FileChannel.open(tar, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 10240);
    }

    assertThat(verify()).isEqualTo(1);
    assertThat(out.toString()).contains("wrong     data.tar is cut off");
  }

  @Test
  void aManifestThatIsDamagedIsAProblemOfTheBackup() throws Exception {
    Path manifest = copy.resolve(archive.layout().manifest(id));
    Files.writeString(manifest, Files.readString(manifest).substring(0, 60));

    assertThat(verify()).isEqualTo(1);

    assertThat(out.toString()).contains("wrong     ").contains("its manifest is damaged");
  }

  private void change(WalName.Segment name, int offset) throws Exception {
    Path object = stored(name);
    byte[] bytes;
    try (InputStream in = Codec.ZSTD.decompress(Files.newInputStream(object))) {
      bytes = in.readAllBytes();
    }
    bytes[offset] ^= 0x01;
    try (OutputStream out = Codec.ZSTD.compress(Files.newOutputStream(object))) {
      out.write(bytes);
    }
  }

  private Path stored(WalName.Segment name) {
    return copy.resolve(archive.layout().wal(name, Codec.ZSTD));
  }

  private Entry backup() throws Exception {
    return Catalogue.read(archive).find(id).orElseThrow();
  }

  private int verify(String... options) {
    List<String> arguments = new ArrayList<>(List.of("verify", id));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("--destination", copy.toUri().toString(), "--server", "main"));
    CommandLine command = new CommandLine(new ObjectStoreCommand());
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(out, true));
    return command.execute(arguments.toArray(String[]::new));
  }
}
