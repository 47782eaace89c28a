package dev.howdah.plugins.objectstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugins.objectstore.layout.BackupInfo;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ObjectStoreCommandTest {

  private static final String OLD = "20260301T000000";
  private static final String NEW = "20260302T000000";

  @TempDir Path root;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeEach
  void fillArchive() throws Exception {
    backup(OLD, "DONE", "2026-03-01T00:00:00Z", "0/2000028", "0/3000100");
    backup(NEW, "DONE", "2026-03-02T00:00:00Z", "0/5000028", "0/6000100");
    backup("20260303T000000", "FAILED", "2026-03-03T00:00:00Z", "0/7000028", "0/7000100");
    Files.createDirectories(root.resolve("main/base/20260304T000000"));
    Files.writeString(root.resolve("main/base/20260304T000000/data.tar"), "x");
    for (String wal : List.of("000000010000000000000002", "000000010000000000000006")) {
      Path folder = Files.createDirectories(root.resolve("main/wals/0000000100000000"));
      Files.writeString(folder.resolve(wal + ".gz"), "x");
    }
  }

  @Test
  void listShowsEveryBackupAndWhatIsLeftOver() {
    assertThat(run("list")).isZero();

    assertThat(out.toString().lines())
        .hasSize(5)
        .anyMatch(line -> line.startsWith(OLD + "  DONE"))
        .anyMatch(line -> line.startsWith("20260303T000000  FAILED"))
        .anyMatch(line -> line.startsWith("20260304T000000") && line.contains("no backup.info"));
  }

  @Test
  void listAnswersInJson() {
    assertThat(run("list", "--json")).isZero();

    var json = JsonMapper.shared().readTree(out.toString());
    assertThat(json.size()).isEqualTo(3);
    assertThat(json.get(0).path("id").stringValue()).isEqualTo(OLD);
    assertThat(json.get(0).path("timeline").intValue()).isEqualTo(1);
  }

  @Test
  void planSaysWhichBackupAndWhyNotTheOthers() {
    assertThat(run("plan", "--target-time", "2026-03-01 12:00:00+00")).isZero();

    assertThat(out.toString())
        .contains("backup      " + OLD)
        .contains("passed over " + NEW + " ended after the target time")
        .contains("passed over 20260303T000000 has the status FAILED");
  }

  @Test
  void aTargetBeforeAllBackupsHasNoPlan() {
    assertThat(run("plan", "--target-lsn", "0/100")).isEqualTo(1);

    assertThat(err.toString()).contains("no backup of").contains("ended at 0/3000100");
  }

  @Test
  void checkCountsWhatThereIs() {
    assertThat(run("check")).isZero();

    assertThat(out.toString())
        .contains("3, of which 2 can be restored")
        .contains("000000010000000000000002 to 000000010000000000000006");
  }

  @Test
  void verifyNamesWhatIsMissing() {
    assertThat(run("verify", OLD)).isEqualTo(1);

    assertThat(out.toString()).contains("wrong").contains("000000010000000000000003 is missing");
  }

  @Test
  void deleteTakesABackupButNeverTheLastThatCanBeRestored() {
    assertThat(run("delete", NEW)).as("without --yes").isEqualTo(2);
    assertThat(root.resolve("main/base/" + NEW + "/backup.info")).exists();

    assertThat(run("delete", NEW, "--yes")).isZero();
    assertThat(root.resolve("main/base/" + NEW)).doesNotExist();
    assertThat(run("delete", OLD, "--yes")).isEqualTo(1);
    assertThat(err.toString()).contains("the last that can be restored");
    assertThat(root.resolve("main/base/" + OLD + "/backup.info")).exists();
  }

  @Test
  void listShowsWhatVerificationHasFound() {
    run("verify", NEW);
    out.getBuffer().setLength(0);

    assertThat(run("list")).isZero();
    assertThat(out.toString().lines())
        .anyMatch(line -> line.startsWith(NEW) && line.contains(" unsound "))
        .noneMatch(line -> line.startsWith(OLD) && line.contains("sound"));

    out.getBuffer().setLength(0);
    run("list", "--json");
    var json = JsonMapper.shared().readTree(out.toString());
    assertThat(json.get(0).has("verified")).isFalse();
    assertThat(json.get(1).path("verified").stringValue()).isEqualTo("unsound");
    assertThat(json.get(1).path("verifiedAt").stringValue()).isNotBlank();
  }

  @Test
  void aBackupIsNotDeletedIfAllOthersWereFoundUnsound() {
    assertThat(run("verify", NEW)).isEqualTo(1);
    assertThat(root.resolve("main/base/" + NEW + "/howdah-verification.json")).exists();

    assertThat(run("delete", OLD, "--yes")).isEqualTo(1);
    assertThat(err.toString()).contains("the last that can be restored");
    assertThat(run("delete", NEW, "--yes")).as("the unsound one").isZero();
  }

  @Test
  void everyCommandAnswersInJsonToo() {
    JsonNode plan = json("plan", "--target-immediate");
    assertThat(plan.at("/backup/id").stringValue()).isEqualTo(NEW);
    assertThat(plan.path("reason").stringValue()).startsWith("it is the newest");
    assertThat(plan.at("/passedOver/0").stringValue()).contains("has the status FAILED");
    JsonNode check = json("check");
    assertThat(check.path("backups").intValue()).isEqualTo(3);
    assertThat(check.path("restorable").intValue()).isEqualTo(2);
    assertThat(check.path("firstWal").stringValue()).isEqualTo("000000010000000000000002");
    JsonNode retain = json("retain", "--window", "1d", "--dry-run");
    assertThat(retain.path("refusal").stringValue()).contains("is whole");
    assertThat(retain.path("dryRun").booleanValue()).isTrue();
    assertThat(json("show", OLD).path("id").stringValue()).isEqualTo(OLD);
    JsonNode deleted = json("delete", NEW, "--yes");
    assertThat(deleted.path("deleted").stringValue()).isEqualTo(NEW);
    assertThat(deleted.path("objects").intValue()).isEqualTo(2);
    assertThat(deleted.path("resources").isEmpty()).isTrue();
  }

  @Test
  void aDeletionWithoutAClusterSaysWhichResourcesStay() {
    assertThat(run("delete", NEW, "--yes")).isZero();

    assertThat(out.toString())
        .contains("deleted " + NEW + ", 2 objects")
        .contains("status.backupId is " + NEW + " stay")
        .contains("--cluster NAMESPACE/NAME");
  }

  @Test
  void progressIsShownBesideTheAnswerAndTakenAwayAgain() {
    assertThat(run("list", "--json", "--progress")).isZero();

    assertThat(JsonMapper.shared().readTree(out.toString()).size()).isEqualTo(3);
    assertThat(err.toString())
        .contains("\rreading the catalogue [")
        .contains("[==============================] 100%  4 of 4")
        .endsWith("\r");
    assertThat(run("delete", NEW, "--yes", "--progress")).isZero();
    assertThat(err.toString()).contains("\rdeleting " + NEW + " [").contains("100%  2 of 2");
  }

  @Test
  void whatReadsBytesOrWalShowsHowFarItHasCome() {
    run("verify", NEW, "--progress");
    assertThat(err.toString()).contains("\rverifying " + NEW + " [").endsWith("\r");

    run("plan", "--target-name", "before-release", "--progress");
    assertThat(err.toString())
        .contains("\rlooking for the target in the WAL [")
        // What follows the newest backup, and then what lies between the two.
        .contains("1 of 1")
        .contains("of 5");
  }

  @Test
  void retentionShowsHowFarItHasCome() throws Exception {
    for (String wal : List.of("000000010000000000000003", "000000010000000000000005")) {
      Files.writeString(root.resolve("main/wals/0000000100000000/" + wal), "x");
    }

    assertThat(run("retain", "--window", "1d", "--count-unverified", "--yes", "--progress"))
        .as(err.toString())
        .isZero();

    assertThat(err.toString())
        .contains("\rreading the catalogue [")
        .contains("\rreading the WAL's names [")
        .contains("\rdeleting [")
        .contains("100%  3 of 3")
        .endsWith("\r");
    assertThat(out.toString())
        .contains("deleted 1 backups and 2 WAL files")
        .contains("with --cluster NAMESPACE/NAME");
  }

  @Test
  void withoutATerminalThereIsNoProgress() {
    assertThat(run("list")).isZero();
    assertThat(run("list", "--no-progress")).isZero();
    run("verify", NEW);
    run("retain", "--window", "1d", "--dry-run");

    assertThat(err.toString()).isEmpty();
  }

  @Test
  void whatGoesWithADestinationIsRefusedWithAnObjectStore() throws Exception {
    Path resource =
        Files.writeString(
            root.resolve("backups.yaml"),
            "{metadata: {name: backups}, spec: {configuration: {destinationPath: '%s'}}}"
                .formatted(root.toUri()));
    CommandLine command = new CommandLine(new ObjectStoreCommand());
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));

    int exitCode =
        command.execute(
            "list", "--object-store", resource.toString(), "--server", "main", "--region", "here");

    assertThat(exitCode).isEqualTo(2);
    assertThat(err.toString()).contains("--region go with --destination");
  }

  @Test
  void aFileThatCantBeUsedIsNamedInASentence() throws Exception {
    Path file = Files.createFile(root.resolve("file"));

    assertThat(run("restore", "--backup", OLD, "--to", file.toString())).isEqualTo(1);

    assertThat(err.toString())
        .isEqualToIgnoringNewLines("object-store: " + file + " can't be used");
  }

  @Test
  void aBackupThatIsToBeKeptIsNotDeleted() throws Exception {
    Files.createDirectories(root.resolve("main/base/" + OLD + "/annotations"));
    Files.writeString(root.resolve("main/base/" + OLD + "/annotations/keep"), "full");

    assertThat(run("delete", OLD, "--yes")).isEqualTo(1);
    assertThat(err.toString()).contains("kept (full)");
  }

  @Test
  void aBackupThatIsNotThereIsSaidNotToBe() {
    assertThat(run("show", "20200101T000000")).isEqualTo(1);
    assertThat(err.toString()).contains("there is no backup 20200101T000000");
  }

  private JsonNode json(String... words) {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.add("--json");
    out.getBuffer().setLength(0);
    run(arguments.toArray(String[]::new));
    return JsonMapper.shared().readTree(out.toString());
  }

  private int run(String... words) {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.addAll(List.of("--destination", root.toUri().toString(), "--server", "main"));
    CommandLine command = new CommandLine(new ObjectStoreCommand());
    command.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return command.execute(arguments.toArray(String[]::new));
  }

  private void backup(String id, String status, String end, String from, String to)
      throws Exception {
    Path folder = Files.createDirectories(root.resolve("main/base/" + id));
    Files.writeString(folder.resolve("data.tar"), "not really");
    Files.write(
        folder.resolve("backup.info"),
        BackupInfo.builder()
            .put("status", status)
            .put("begin_time", Instant.parse(end).minusSeconds(60))
            .put("end_time", Instant.parse(end))
            .put("begin_xlog", from)
            .put("end_xlog", to)
            .put("begin_wal", "00000001000000000000000" + from.charAt(2))
            .put("end_wal", "00000001000000000000000" + to.charAt(2))
            .put("timeline", 1)
            .build()
            .toBytes());
  }
}
