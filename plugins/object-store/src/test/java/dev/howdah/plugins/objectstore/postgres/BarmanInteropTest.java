package dev.howdah.plugins.objectstore.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.archive.VerificationRecord;
import dev.howdah.plugins.objectstore.backup.BackupProgress;
import dev.howdah.plugins.objectstore.backup.BackupSettings;
import dev.howdah.plugins.objectstore.backup.BaseBackup;
import dev.howdah.plugins.objectstore.backup.BaseBackup.Made;
import dev.howdah.plugins.objectstore.layout.ArchiveLayout;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.recovery.BackupRestore.Destination;
import dev.howdah.plugins.objectstore.recovery.BackupVerification;
import dev.howdah.plugins.objectstore.recovery.Verification;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.store.S3Server;
import dev.howdah.plugins.objectstore.store.S3Settings;
import dev.howdah.plugins.objectstore.store.S3Store;
import dev.howdah.plugins.objectstore.wal.WalArchiver;
import dev.howdah.plugins.objectstore.wal.WalFiles;
import dev.howdah.plugins.objectstore.wal.WalRestorer;
import dev.howdah.plugins.objectstore.wal.WalWriteSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * One database is archived and backed up by Howdah and by Barman at once; each restores what the
 * other wrote. Runs where the variable names the directory of Barman's commands.
 */
@EnabledIfEnvironmentVariable(named = "HOWDAH_TEST_BARMAN", matches = "/.+")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BarmanInteropTest {

  private static final String DESTINATION = "s3://backups/pg";
  private static final String CHECKSUM =
      "SELECT count(*) || ' ' || coalesce(sum(hashtext(t::text)::bigint), 0) FROM numbers t";

  @TempDir static Path root;

  private final AtomicInteger ports = new AtomicInteger(15532);
  private final Belongings belongings = new Belongings();
  private final WalArchiver archiver = new WalArchiver(new PartBuffers(4, 5 << 20));
  private S3Server s3;
  private Archive ours;
  private Archive theirs;
  private WalRestorer restorer;
  private Postgres primary;
  private Made firstMade;
  private Made made;
  private String atEnd;

  @BeforeAll
  void backUpWithBoth() throws Exception {
    s3 = belongings.keep(S3Server.start());
    s3.createBucket("backups");
    S3Store store =
        belongings.keep(
            S3Store.open(S3Settings.of("backups", "pg", s3.endpoint(), S3Server.CREDENTIALS)));
    ours = new Archive(store, new ArchiveLayout("ours"));
    theirs = new Archive(store, new ArchiveLayout("theirs"));
    restorer = belongings.keep(WalRestorer.open(root.resolve("spool"), 2));
    WalCommands commands =
        belongings.keep(
            new WalCommands(
                source -> {
                  archiver.archive(ours, compressed(Codec.ZSTD), source);
                  barman("barman-cloud-wal-archive", "--gzip", DESTINATION, "theirs", source);
                },
                (name, destination) -> {}));
    Map<String, String> configuration = new LinkedHashMap<>();
    configuration.put("archive_mode", "on");
    configuration.put("archive_command", commands.archiveCommand());
    configuration.put("fsync", "off");
    primary =
        belongings.keep(
            Postgres.initialise(
                belongings.directory().resolve("data"), ports.incrementAndGet(), configuration));
    primary.start();
    primary.awaitPrimary();
    primary.execute(
        "CREATE TABLE numbers (id int PRIMARY KEY, word text)",
        "INSERT INTO numbers SELECT i, md5(i::text) FROM generate_series(1, 50000) i");
    firstMade = backup();
    made = backup();
    barman(
        "barman-cloud-backup",
        "--user",
        "postgres",
        "--host",
        primary.address().host(),
        "--port",
        primary.address().port(),
        "--immediate-checkpoint",
        "--gzip",
        DESTINATION,
        "theirs");
    primary.execute("UPDATE numbers SET word = 'changed' WHERE id % 5 = 0");
    atEnd = primary.query(CHECKSUM);
    primary.awaitArchived();
    primary.kill();
    // All that follows is done to an archive in which the results of verifications lie.
    for (Entry backup : Catalogue.read(ours).restorable()) {
      assertThat(verified(ours, backup).write(ours, backup)).isTrue();
    }
  }

  private VerificationRecord verified(Archive archive, Entry backup) throws Exception {
    Path scratch = root.resolve("scratch");
    VerificationRecord found =
        new Verification(true, Optional.empty(), Optional.of(scratch), 2)
            .verify(archive, backup, Clock.systemUTC());
    assertThat(found.problems()).isEmpty();
    assertThat(found.walProblems()).isEmpty();
    assertThat(found.restored()).isTrue();
    assertThat(scratch).isEmptyDirectory();
    return found;
  }

  @AfterAll
  void clearAway() throws Exception {
    belongings.close();
  }

  @Test
  @Order(1)
  void barmanListsWhatHowdahWrote() throws Exception {
    JsonNode list =
        JsonMapper.shared()
            .readTree(barman("barman-cloud-backup-list", "--format", "json", DESTINATION, "ours"))
            .path("backups_list");

    assertThat(list)
        .extracting(backup -> backup.path("backup_id").asString())
        .containsExactlyInAnyOrder(firstMade.id(), made.id());
    assertThat(list).allMatch(backup -> backup.path("status").asString().equals("DONE"));
  }

  @Test
  @Order(1)
  void barmanRestoresWhatHowdahWrote() throws Exception {
    Path data = belongings.directory().resolve("data");
    Files.createDirectory(data);
    barman("barman-cloud-restore", DESTINATION, "ours", made.id(), data);

    assertThat(recovered(data, this::restoreWithBarman)).isEqualTo(atEnd);
  }

  private void restoreWithBarman(String wal, Path destination) throws IOException {
    barman("barman-cloud-wal-restore", DESTINATION, "ours", wal, destination);
  }

  @Test
  @Order(1)
  void howdahVerifiesAndRestoresWhatBarmanWrote() throws Exception {
    Catalogue catalogue = Catalogue.read(theirs);
    assertThat(catalogue.restorable()).hasSize(1);
    Entry backup = catalogue.restorable().getFirst();
    assertThat(verified(theirs, backup).unproven())
        .satisfiesExactly(
            digests -> assertThat(digests).contains("no list of digests"),
            files -> assertThat(files).contains("no list of files"));

    Path data = belongings.directory().resolve("data");
    BackupRestore.restore(theirs, backup, new Destination(data, Optional.empty(), Map.of(), 2));
    assertThat(
            recovered(
                data,
                (wal, destination) ->
                    restorer.restore(
                        theirs,
                        new WalRestorer.Order(
                            WalName.parse(wal),
                            destination,
                            Optional.empty(),
                            2,
                            Duration.ofSeconds(10)))))
        .isEqualTo(atEnd);
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  @Order(2)
  void walOfEveryCodecGoesBothWays(Codec codec) throws Exception {
    String server = "codec-" + codec.configurationName();
    Archive archive = new Archive(ours.store(), new ArchiveLayout(server));
    String one = "000000010000000000000001";
    String two = "000000010000000000000002";
    Path folder = Files.createDirectories(root.resolve(server));
    Path written = Files.write(folder.resolve(one), WalFiles.segment(one, WalFiles.SYSTEM, 1));
    archiver.archive(archive, compressed(codec), written);
    Path byBarman = folder.resolve("by-barman");
    barman("barman-cloud-wal-restore", DESTINATION, server, one, byBarman);
    assertThat(byBarman).hasSameBinaryContentAs(written);

    Path other = Files.write(folder.resolve(two), WalFiles.segment(two, WalFiles.SYSTEM, 2));
    List<Object> arguments = new ArrayList<>(List.of("barman-cloud-wal-archive"));
    if (codec != Codec.NONE) {
      arguments.add("--" + codec.configurationName());
    }
    arguments.addAll(List.of(DESTINATION, server, other));
    barman(arguments.toArray());
    Path byHowdah = folder.resolve("by-howdah");
    restorer.restore(
        archive,
        new WalRestorer.Order(
            WalName.parse(two), byHowdah, Optional.empty(), 0, Duration.ofSeconds(10)));
    assertThat(byHowdah).hasSameBinaryContentAs(other);
  }

  @Test
  @Order(3)
  void whatBarmanDeletesIsGoneForHowdahAndTheRestIsStillWhole() throws Exception {
    barman("barman-cloud-backup-delete", "--retention-policy", "REDUNDANCY 1", DESTINATION, "ours");

    Catalogue catalogue = Catalogue.read(ours);
    assertThat(catalogue.restorable()).extracting(Entry::id).containsExactly(made.id());
    assertThat(BackupVerification.of(ours, catalogue.restorable().getFirst()).problems()).isEmpty();
  }

  private String recovered(Path data, WalCommands.RestoreFile restore) throws Exception {
    WalCommands commands = belongings.keep(new WalCommands(source -> {}, restore));
    Postgres restored = belongings.keep(Postgres.over(data, ports.incrementAndGet()));
    restored.configure(
        Map.of(
            "archive_mode", "off",
            "restore_command", commands.restoreCommand(),
            "recovery_target_action", "promote"));
    Files.createFile(data.resolve("recovery.signal"));
    Postgres.own(data.getParent());
    restored.start();
    restored.awaitPrimary();
    String checksum = restored.query(CHECKSUM);
    restored.stop();
    return checksum;
  }

  private Made backup() throws Exception {
    BackupSettings settings =
        new BackupSettings(
            Codec.GZIP, 2, 8 << 20, 1L << 30, true, Map.of(), Duration.ofSeconds(60));
    return new BaseBackup(Clock.systemUTC())
        .make(ours, primary.address(), "by-howdah", settings, new BackupProgress(() -> false));
  }

  private static WalWriteSettings compressed(Codec codec) {
    return new WalWriteSettings(codec, Map.of(), Map.of(), 1);
  }

  /** Runs a command of Barman's against the store, and returns what it prints. */
  private String barman(Object... command) throws IOException {
    List<String> words = new ArrayList<>();
    words.add(System.getenv("HOWDAH_TEST_BARMAN") + "/" + command[0]);
    words.addAll(List.of("--cloud-provider", "aws-s3", "--endpoint-url", s3.endpoint().toString()));
    for (int i = 1; i < command.length; i++) {
      words.add(command[i].toString());
    }
    Path errors = Files.createTempFile(root, "barman", ".log");
    ProcessBuilder builder = new ProcessBuilder(words).redirectError(errors.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "AWS_ACCESS_KEY_ID", "access",
                "AWS_SECRET_ACCESS_KEY", "secret",
                "AWS_DEFAULT_REGION", "us-east-1",
                "AWS_REQUEST_CHECKSUM_CALCULATION", "when_required",
                "AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required"));
    Process process = builder.start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
        throw new IOException(
            String.join(" ", words) + " failed:\n" + output + Files.readString(errors));
      }
      return output;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      process.destroyForcibly();
    }
  }
}
