package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.should;

import dev.howdah.proto.restorejob.RestoreRequest;
import dev.howdah.proto.restorejob.RestoreResponse;
import dev.howdah.proto.wal.WALCapability;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.driver.Json;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.UndecidedException;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Filling PGDATA from a backup. Destructive: PGDATA is written. */
final class RestoreChecks {
  private static final String RESPONSE = "restore_job.proto, RestoreResponse";
  private static final String JOB = "operator: pkg/management/postgres/restore.go, ";
  private static final Pattern ENV = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*", Pattern.DOTALL);

  private RestoreChecks() {}

  static List<Check> all() {
    return List.of(
        must("RST-01", "restore_config is not empty and has restore_command.")
            .cites(RESPONSE + ".restore_config; " + JOB + "appends it to the configuration")
            .remedy("Add a line restore_command = '…'.")
            .when(Need.RESTORE, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  String config = restored(s).getRestoreConfig();
                  f.unless(
                      Pattern.compile("(?m)^\\s*restore_command\\s*=").matcher(config).find(),
                      "restore_config is '%s'",
                      Texts.shorten(config));
                }),
        must("RST-02", "Each of envs is NAME=VALUE.")
            .cites(RESPONSE + ".envs; " + JOB + "fails the Job on any other form")
            .remedy("Write the equals sign.")
            .when(Need.RESTORE, Need.DESTRUCTIVE)
            .tested(
                (s, f) ->
                    restored(s)
                        .getEnvsList()
                        .forEach(
                            env -> f.unless(ENV.matcher(env).matches(), "an entry without name"))),
        must("RST-03", "A backup that does not exist is NOT_FOUND.")
            .cites("gRPC's meaning of the code; the Job's log shows it")
            .remedy("Look the backup up before touching PGDATA.")
            .when(Need.RESTORE, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  Status.Code code = WalChecks.code(() -> restore(s, missing(s), null));
                  f.unless(code == Status.Code.NOT_FOUND, "it answers %s", code);
                }),
        should("RST-04", "A Restore that fails leaves no half-written PGDATA.")
            .cites(JOB + "the next attempt of the Job finds what is there")
            .remedy("Fill a folder beside it, or clean up on error.")
            .when(
                Need.RESTORE,
                Need.DESTRUCTIVE,
                new Need(
                    "wants --pgdata, the folder restored into", s -> s.options().pgdata() != null))
            .tested(RestoreChecks::leavesNothing),
        should(
                "RST-05",
                "check_empty_wal_archive refuses an archive in use; false and absent don't look.")
            .cites("restore_job.proto, check_empty_wal_archive")
            .remedy("Look into the new Cluster's archive only when the field is true.")
            .since("1.31")
            .when(
                Need.RESTORE,
                Need.offered(WALCapability.RPC.Type.TYPE_ARCHIVE_WAL),
                Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  backedUp(s);
                  WalChecks.archived(s, 5);
                  ObjectNode cluster = s.objects().recovering();
                  s.fresh("Restore", () -> restore(s, cluster, false));
                  Status.Code yes = WalChecks.code(() -> restore(s, cluster, true));
                  f.unless(yes != Status.Code.OK, "true: an archive in use was accepted");
                  Status.Code absent = WalChecks.code(() -> restore(s, cluster, null));
                  f.unless(absent == Status.Code.OK, "absent: answers %s", absent);
                }),
        should("RST-06", "restore_config holds no secret.")
            .cites(JOB + "the text becomes a file in PGDATA and is backed up with it")
            .remedy("Pass secrets in envs or mounted files.")
            .when(Need.RESTORE, Need.DESTRUCTIVE)
            .tested(
                (s, f) ->
                    f.unless(
                        !Texts.holdsSecret(restored(s).getRestoreConfig()),
                        "it looks as if it holds one")),
        must("RST-07", "A backup that exists is restored.")
            .cites("restore_job.proto, Restore")
            .remedy("Read the plugin's log.")
            .when(Need.RESTORE, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  backedUp(s);
                  restore(s, s.objects().recovering(), null);
                }));
  }

  static RestoreResponse restore(
      Session session, ObjectNode cluster, @Nullable Boolean checkEmpty) {
    RestoreRequest.Builder request =
        RestoreRequest.newBuilder().setClusterDefinition(Json.print(cluster));
    if (checkEmpty != null) {
      request.setCheckEmptyWalArchive(checkEmpty);
    }
    return session.wire().restore().restore(request.build());
  }

  /** Makes sure that there is something to restore, if the plugin takes backups here. */
  private static void backedUp(Session session) {
    if (session.offer().hasBackup()) {
      BackupChecks.given(session);
    }
  }

  private static RestoreResponse restored(Session session) {
    return session.given(
        "Restore",
        () -> {
          backedUp(session);
          return restore(session, session.objects().recovering(), null);
        });
  }

  private static ObjectNode missing(Session session) {
    ObjectNode cluster = session.objects().recovering();
    cluster
        .withObject("spec")
        .withObject("bootstrap")
        .withObject("recovery")
        .withObject("recoveryTarget")
        .put("backupID", "19700101T000000-none");
    return cluster;
  }

  private static void leavesNothing(Session session, Findings findings) throws IOException {
    Path pgdata = session.options().pgdata();
    if (pgdata == null) {
      return;
    }
    Files.createDirectories(pgdata);
    try (Stream<Path> files = Files.list(pgdata)) {
      if (files.findAny().isPresent()) {
        clear(pgdata);
      }
    }
    Map<String, String> parameters =
        session.options().unreachable().isEmpty()
            ? session.options().parameters()
            : WalChecks.unreachable(session);
    for (ObjectNode cluster : List.of(missing(session), session.objects().recovering(parameters))) {
      if (WalChecks.code(() -> restore(session, cluster, null)) == Status.Code.OK) {
        if (cluster.toString().contains("19700101T000000-none")) {
          throw new UndecidedException("nothing failed, see RST-03");
        }
        clear(pgdata);
      }
      try (Stream<Path> files = Files.list(pgdata)) {
        List<String> left = files.map(file -> String.valueOf(file.getFileName())).toList();
        findings.unless(left.isEmpty(), "PGDATA has %s", left);
      }
    }
  }

  private static void clear(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
        if (!file.equals(folder)) {
          Files.delete(file);
        }
      }
    }
  }
}
