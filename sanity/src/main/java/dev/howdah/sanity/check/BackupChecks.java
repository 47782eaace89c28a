package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.advice;
import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.should;

import com.google.protobuf.ByteString;
import dev.howdah.proto.backup.BackupGrpc;
import dev.howdah.proto.backup.BackupRequest;
import dev.howdah.proto.backup.BackupResult;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.driver.Json;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.Wire;
import io.grpc.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import tools.jackson.databind.node.ObjectNode;

/** Base backups. Most need a PostgreSQL beside the plugin and are destructive. */
final class BackupChecks {
  private static final String RESULT = "backup.proto, BackupResult";
  private static final Pattern WAL = Pattern.compile("[0-9A-F]{24}");
  private static final Pattern LSN = Pattern.compile("[0-9A-F]{1,8}/[0-9A-F]{1,8}");
  private static final Duration SKEW = Duration.ofDays(1);
  private static final Duration CUT = Duration.ofMillis(50);
  private static final Duration SETTLE = Duration.ofMillis(300);

  private BackupChecks() {}

  static List<Check> all() {
    return List.of(
        must("BKP-01", "Backup answers backup_id, started_at, stopped_at and online.")
            .cites(RESULT)
            .remedy("Fill them; online is true for a backup of a running server.")
            .when(Need.BACKUP, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  BackupResult result = backup(s);
                  f.unless(!result.getBackupId().isEmpty(), "backup_id is empty");
                  f.unless(result.getStartedAt() != 0, "started_at is 0, shown as 1970");
                  f.unless(result.getStoppedAt() != 0, "stopped_at is 0, shown as 1970");
                  f.unless(result.getOnline(), "online is false, though the instance runs");
                }),
        must("BKP-02", "started_at is not after stopped_at, both Unix seconds.")
            .cites(RESULT + "; operator: plugin_backup.go reads seconds")
            .remedy("Divide milliseconds by 1000.")
            .when(Need.BACKUP, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  BackupResult result = given(s);
                  long started = result.getStartedAt();
                  long stopped = result.getStoppedAt();
                  f.unless(started <= stopped, "started %d, stopped %d", started, stopped);
                  for (long time : List.of(started, stopped)) {
                    Duration off = Duration.between(Instant.now(), Instant.ofEpochSecond(time));
                    f.unless(
                        time == 0 || off.abs().compareTo(SKEW) < 0,
                        "%d is %s",
                        time,
                        Instant.ofEpochSecond(time));
                  }
                }),
        should("BKP-03", "WAL names and positions, where given, are well-formed.")
            .cites(RESULT + ".begin_wal, .end_wal, .begin_lsn, .end_lsn")
            .remedy("24 hexadecimal digits, and two hexadecimal numbers with a slash.")
            .when(Need.BACKUP, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  BackupResult result = given(s);
                  for (String name : List.of(result.getBeginWal(), result.getEndWal())) {
                    f.unless(name.isEmpty() || WAL.matcher(name).matches(), "WAL '%s'", name);
                  }
                  for (String lsn : List.of(result.getBeginLsn(), result.getEndLsn())) {
                    f.unless(lsn.isEmpty() || LSN.matcher(lsn).matches(), "LSN '%s'", lsn);
                  }
                }),
        should("BKP-04", "Two backups have two ids.")
            .cites(RESULT + ".backup_id")
            .remedy("Make the id from time and something unique.")
            .when(Need.BACKUP, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  String first = s.fresh("Backup", () -> backup(s)).getBackupId();
                  String second = s.fresh("Backup", () -> backup(s)).getBackupId();
                  f.unless(first.isEmpty() || !first.equals(second), "both are called '%s'", first);
                }),
        should("BKP-05", "A Backup that its caller gave up does not stand in the next one's way.")
            .cites(
                "operator: the instance manager may restart meanwhile; PostgreSQL's session stays")
            .remedy("Stop the backup and end the session on cancellation.")
            .when(Need.BACKUP, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  given(s);
                  try (Wire wire = s.open()) {
                    s.fresh("GetPluginMetadata", () -> IdentityChecks.metadata(wire));
                    Future<BackupResult> call =
                        BackupGrpc.newFutureStub(wire.channel()).backup(request(s));
                    Thread.sleep(CUT);
                    call.cancel(true);
                  }
                  Thread.sleep(SETTLE);
                  Status.Code code = WalChecks.code(() -> backup(s));
                  f.unless(code == Status.Code.OK, "the next one answers %s", code);
                }),
        must("BKP-06", "A Backup definition that is no JSON is INVALID_ARGUMENT.")
            .cites("backup.proto, BackupRequest.backup_definition")
            .remedy("Decode first, and map decoding errors to INVALID_ARGUMENT.")
            .when(Need.BACKUP)
            .tested(
                (s, f) -> {
                  BackupRequest request =
                      request(s).toBuilder().setBackupDefinition(Rpc.BROKEN).build();
                  Status.Code code = WalChecks.code(() -> s.wire().backup().backup(request));
                  f.unless(code == Status.Code.INVALID_ARGUMENT, "it answers %s", code);
                }),
        should("BKP-07", "A store that does not answer is UNAVAILABLE.")
            .cites("the error is all that a user sees in the Backup's status")
            .remedy("Map connection errors to UNAVAILABLE.")
            .when(Need.BACKUP, Need.UNREACHABLE)
            .tested(
                (s, f) -> {
                  ByteString cluster = Json.print(s.objects().cluster(WalChecks.unreachable(s)));
                  BackupRequest request =
                      request(s).toBuilder().setClusterDefinition(cluster).build();
                  Status.Code code = WalChecks.code(() -> s.wire().backup().backup(request));
                  f.unless(code == Status.Code.UNAVAILABLE, "it answers %s", code);
                }),
        advice("BKP-08", "What was backed up can be restored.")
            .cites("restore_job.proto, Restore; a backup nobody restored is a hope")
            .remedy("Restore in a test of your own.")
            .when(Need.BACKUP, Need.RESTORE, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  BackupResult result = given(s);
                  ObjectNode cluster = s.objects().recovering();
                  cluster
                      .withObject("spec")
                      .withObject("bootstrap")
                      .withObject("recovery")
                      .withObject("recoveryTarget")
                      .put("backupID", result.getBackupId());
                  RestoreChecks.restore(s, cluster, null);
                }));
  }

  private static BackupRequest request(Session session) {
    return BackupRequest.newBuilder()
        .setClusterDefinition(session.cluster())
        .setBackupDefinition(Json.print(session.objects().backup()))
        .build();
  }

  private static BackupResult backup(Session session) {
    return session.wire().backup().backup(request(session));
  }

  /** A backup, taken once, for checks that are about what it says. */
  static BackupResult given(Session session) {
    return session.given("Backup", () -> backup(session));
  }
}
