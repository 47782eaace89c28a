package dev.howdah.sanity.check;

import static dev.howdah.sanity.check.Rule.must;
import static dev.howdah.sanity.check.Rule.operator;
import static dev.howdah.sanity.check.Rule.should;

import dev.howdah.proto.wal.SetFirstRequiredRequest;
import dev.howdah.proto.wal.SetFirstRequiredResult;
import dev.howdah.proto.wal.WALArchiveRequest;
import dev.howdah.proto.wal.WALArchiveResult;
import dev.howdah.proto.wal.WALCapability;
import dev.howdah.proto.wal.WALGrpc;
import dev.howdah.proto.wal.WALRestoreRequest;
import dev.howdah.proto.wal.WALRestoreRequest.Mode;
import dev.howdah.proto.wal.WALRestoreResult;
import dev.howdah.proto.wal.WALStatusRequest;
import dev.howdah.proto.wal.WALStatusResult;
import dev.howdah.sanity.Check;
import dev.howdah.sanity.driver.Json;
import dev.howdah.sanity.driver.Session;
import dev.howdah.sanity.driver.UndecidedException;
import dev.howdah.sanity.driver.Wire;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Archiving and fetching of WAL files, against whatever store the plugin's parameters name. */
final class WalChecks {
  private static final Need ARCHIVE = Need.offered(WALCapability.RPC.Type.TYPE_ARCHIVE_WAL);
  private static final Need RESTORE = Need.offered(WALCapability.RPC.Type.TYPE_RESTORE_WAL);
  private static final Need STATUS = Need.offered(WALCapability.RPC.Type.TYPE_STATUS);
  private static final Need FIRST = Need.offered(WALCapability.RPC.Type.TYPE_SET_FIRST_REQUIRED);
  private static final String COMMAND = "operator: pkg/management/postgres/archiver/archiver.go, ";
  private static final String FETCH = "operator: internal/cmd/manager/walrestore/cmd.go, ";
  private static final int PARALLEL = 8;
  private static final Duration CUT = Duration.ofMillis(40);
  private static final Duration SETTLE = Duration.ofMillis(700);

  private WalChecks() {}

  static List<Check> all() {
    return List.of(
        must("WAL-01", "An archived file comes back byte for byte.")
            .cites("wal.proto, Archive and Restore")
            .remedy("Compare checksums in a test of your own.")
            .when(ARCHIVE, RESTORE, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  WalFiles files = WalFiles.of(s);
                  String name = files.name();
                  Path source = files.segment(name, 1);
                  archive(s, source, null);
                  same(s, f, source, name, Mode.MODE_RECOVERY);
                }),
        should("WAL-02", "Archiving the same file again succeeds.")
            .cites(COMMAND + "PostgreSQL archives again whatever it did not see succeed")
            .remedy("Compare contents and answer OK when equal.")
            .when(ARCHIVE, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  Path source = archived(s, 2);
                  archive(s, source, null);
                }),
        should("WAL-03", "A file of the same name with other contents is refused.")
            .cites("PostgreSQL's manual on archive_command: never overwrite")
            .remedy("Compare before writing, and refuse.")
            .when(ARCHIVE, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  Path source = archived(s, 3);
                  WalFiles.of(s).segment(String.valueOf(source.getFileName()), 33);
                  Status.Code code = code(() -> archive(s, source, null));
                  f.unless(code != Status.Code.OK, "it was archived over the first one");
                }),
        must("WAL-04", "A source that is not there is NOT_FOUND or FAILED_PRECONDITION.")
            .cites("wal.proto, source_file_name")
            .remedy("Open the file first and map the error.")
            .when(ARCHIVE)
            .tested(
                (s, f) -> {
                  Path missing = WalFiles.of(s).destination("000000010000000000000099");
                  Status.Code code = code(() -> archive(s, missing, null));
                  f.unless(
                      code == Status.Code.NOT_FOUND || code == Status.Code.FAILED_PRECONDITION,
                      "it answers %s",
                      code);
                }),
        should("WAL-05", "History, backup and partial files come back too.")
            .cites(COMMAND + "PostgreSQL archives these names as well")
            .remedy("Accept every name that PostgreSQL gives.")
            .when(ARCHIVE, RESTORE, Need.DESTRUCTIVE)
            .tested(WalChecks::otherNames),
        must("WAL-06", "A file that is not in the archive is NOT_FOUND.")
            .cites(FETCH + "the end of recovery is a file that is not there")
            .remedy("Map the store's answer to NOT_FOUND.")
            .when(RESTORE)
            .tested(
                (s, f) -> {
                  String name = WalFiles.of(s).name();
                  Status.Code code = code(() -> restore(s, name, Mode.MODE_RECOVERY));
                  f.unless(code == Status.Code.NOT_FOUND, "it answers %s", code);
                }),
        should("WAL-07", "A store that does not answer is UNAVAILABLE, never NOT_FOUND.")
            .cites("a file taken as missing ends recovery early and forks the timeline")
            .remedy("Map connection errors to UNAVAILABLE.")
            .when(RESTORE, Need.UNREACHABLE)
            .tested(
                (s, f) -> {
                  WALRestoreRequest request =
                      restoreRequest(s, WalFiles.of(s).name(), Mode.MODE_RECOVERY).toBuilder()
                          .setClusterDefinition(Json.print(s.objects().cluster(unreachable(s))))
                          .build();
                  Status.Code code = code(() -> s.wire().wal().restore(request));
                  f.unless(code == Status.Code.UNAVAILABLE, "it answers %s", code);
                }),
        should("WAL-08", "A failed Restore leaves nothing at the destination.")
            .cites("PostgreSQL takes what is there once the command succeeds, and keeps it")
            .remedy("Write beside it and rename.")
            .when(RESTORE)
            .tested(
                (s, f) -> {
                  String name = WalFiles.of(s).name();
                  if (code(() -> restore(s, name, Mode.MODE_RECOVERY)) == Status.Code.OK) {
                    throw new UndecidedException("nothing failed, see WAL-06");
                  }
                  Path destination = WalFiles.of(s).destination(name);
                  f.unless(!Files.exists(destination), "%s is there", destination.getFileName());
                }),
        must("WAL-09", "A Restore without mode works like RECOVERY.")
            .cites("wal.proto, WALRestoreRequest.Mode; operators up to 1.30 send none")
            .remedy("Treat MODE_UNSPECIFIED as MODE_RECOVERY.")
            .when(ARCHIVE, RESTORE, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  Path source = archived(s, 9);
                  same(s, f, source, String.valueOf(source.getFileName()), Mode.MODE_UNSPECIFIED);
                }),
        must("WAL-10", "REWIND fetches the file asked for and no other.")
            .cites("wal.proto, MODE_REWIND; pg_rewind walks backwards")
            .remedy("Switch read-ahead off in this mode.")
            .since("1.31")
            .when(ARCHIVE, RESTORE, Need.DESTRUCTIVE)
            .tested(WalChecks::rewinds),
        must("WAL-11", "A file that was missing once is found after it was archived.")
            .cites("wal.proto, MODE_REWIND: misses are not to be remembered")
            .remedy("Ask the store each time.")
            .when(ARCHIVE, RESTORE, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  String name = WalFiles.of(s).name();
                  Status.Code before = code(() -> restore(s, name, Mode.MODE_REWIND));
                  Path source = WalFiles.of(s).segment(name, 11);
                  s.fresh("Archive", () -> archive(s, source, null));
                  if (before == Status.Code.OK) {
                    throw new UndecidedException("the file was there before, see WAL-06");
                  }
                  same(s, f, source, name, Mode.MODE_REWIND);
                }),
        must(
                "WAL-12",
                "check_empty_wal_archive refuses an archive in use; false and absent don't look.")
            .cites("wal.proto, check_empty_wal_archive; operators up to 1.30 leave it out")
            .remedy("Look into the archive only when the field is true.")
            .since("1.31")
            .when(ARCHIVE, Need.DESTRUCTIVE)
            .tested(WalChecks::checksEmpty),
        should("WAL-13", "Eight files may be archived at once.")
            .cites("PostgreSQL archives one at a time, but demotion and backups overlap")
            .remedy("Keep no state between calls, or guard it.")
            .when(ARCHIVE, RESTORE, Need.DESTRUCTIVE)
            .tested(WalChecks::parallel),
        should("WAL-14", "An Archive cut off midway leaves nothing that Restore takes for whole.")
            .cites("the archiver process is killed at every fast shutdown")
            .remedy("Write beside it and rename, or upload in one request.")
            .when(ARCHIVE, RESTORE, Need.DESTRUCTIVE)
            .tested(WalChecks::cutOff),
        must(
                "WAL-15",
                "Status names WAL files of 24 hexadecimal digits, the first not after the last.")
            .cites("wal.proto, WALStatusResult")
            .remedy("Leave both empty when the archive is empty.")
            .when(STATUS)
            .tested(
                (s, f) -> {
                  WALStatusResult status = s.fresh("Status", () -> status(s));
                  for (String name : List.of(status.getFirstWal(), status.getLastWal())) {
                    f.unless(name.isEmpty() || name.matches("[0-9A-F]{24}"), "'%s'", name);
                  }
                  f.unless(
                      status.getFirstWal().compareTo(status.getLastWal()) <= 0,
                      "first %s, last %s",
                      status.getFirstWal(),
                      status.getLastWal());
                }),
        should("WAL-16", "SetFirstRequired deletes nothing from that file on.")
            .cites("wal.proto, SetFirstRequired")
            .remedy("Delete only names that sort before it.")
            .when(ARCHIVE, RESTORE, FIRST, Need.DESTRUCTIVE)
            .tested(WalChecks::firstRequired),
        should("WAL-17", "A name that leads out of the archive is refused.")
            .cites("names come from PostgreSQL, but over a socket that others may reach")
            .remedy("Accept letters, digits, dots and dashes only.")
            .when(RESTORE)
            .tested(WalChecks::traversal),
        operator("WAL-18", "Archive and Restore overwrite what a broken attempt left behind.")
            .cites(FETCH + "the destination may exist from an attempt that was killed")
            .remedy("Replace the destination.")
            .when(ARCHIVE, RESTORE, Need.DESTRUCTIVE)
            .tested(
                (s, f) -> {
                  Path source = archived(s, 18);
                  String name = String.valueOf(source.getFileName());
                  Files.writeString(WalFiles.of(s).destination(name), "half a file");
                  same(s, f, source, name, Mode.MODE_RECOVERY);
                }));
  }

  static WALArchiveResult archive(Session session, Path source, @Nullable Boolean checkEmpty) {
    WALArchiveRequest.Builder request =
        WALArchiveRequest.newBuilder()
            .setClusterDefinition(session.cluster())
            .setSourceFileName(source.toString());
    if (checkEmpty != null) {
      request.setCheckEmptyWalArchive(checkEmpty);
    }
    return session.wire().wal().archive(request.build());
  }

  /** A new file, archived, for checks whose subject is what comes after. */
  static Path archived(Session session, long seed) throws IOException {
    WalFiles files = WalFiles.of(session);
    Path source = files.segment(files.name(), seed);
    session.fresh("Archive", () -> archive(session, source, null));
    return source;
  }

  private static WALRestoreRequest restoreRequest(Session session, String name, Mode mode) {
    return WALRestoreRequest.newBuilder()
        .setClusterDefinition(session.cluster())
        .setSourceWalName(name)
        .setDestinationFileName(WalFiles.of(session).destination(name).toString())
        .setMode(mode)
        .build();
  }

  private static WALRestoreResult restore(Session session, String name, Mode mode) {
    return session.wire().wal().restore(restoreRequest(session, name, mode));
  }

  private static WALStatusResult status(Session session) {
    return session
        .wire()
        .wal()
        .status(WALStatusRequest.newBuilder().setClusterDefinition(session.cluster()).build());
  }

  static Map<String, String> unreachable(Session session) {
    Map<String, String> parameters = new HashMap<>(session.options().parameters());
    parameters.putAll(session.options().unreachable());
    return parameters;
  }

  /** A call whose code is of interest. */
  @FunctionalInterface
  interface Call {
    Object make();
  }

  static Status.Code code(Call call) {
    try {
      call.make();
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private static void same(Session session, Findings findings, Path source, String name, Mode mode)
      throws IOException {
    Status.Code code = code(() -> restore(session, name, mode));
    if (code != Status.Code.OK) {
      findings.add("Restore of %s in %s answers %s", name, mode, code);
      return;
    }
    Path destination = WalFiles.of(session).destination(name);
    if (!Files.exists(destination)) {
      findings.add("Restore of %s in %s wrote nothing", name, mode);
      return;
    }
    long at = Files.mismatch(source, destination);
    findings.unless(at < 0, "%s differs from byte %d on", name, at);
  }

  private static void otherNames(Session session, Findings findings) throws IOException {
    WalFiles files = WalFiles.of(session);
    String segment = files.name();
    List<Path> sources =
        List.of(
            files.small(segment.substring(0, 8) + ".history", "126\t0/5000000\tno recovery\n"),
            files.small(segment + ".00000028.backup", "START WAL LOCATION: 0/2000028\n"),
            files.partial(segment, 5));
    for (Path source : sources) {
      String name = String.valueOf(source.getFileName());
      Path kept = Files.copy(source, source.resolveSibling(name + ".kept"));
      Status.Code code = code(() -> archive(session, source, null));
      if (code != Status.Code.OK) {
        findings.add("Archive of %s answers %s", name, code);
      } else {
        same(session, findings, kept, name, Mode.MODE_RECOVERY);
      }
      Files.delete(kept);
    }
  }

  private static Set<Path> tree(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return new HashSet<>(files.toList());
    }
  }

  private static void rewinds(Session session, Findings findings) throws IOException {
    List<Path> sources = List.of(archived(session, 10), archived(session, 101));
    Path folder = WalFiles.of(session).restored();
    Set<Path> before = tree(folder);
    String name = String.valueOf(sources.getFirst().getFileName());
    session.fresh("Restore", () -> restore(session, name, Mode.MODE_REWIND));
    Set<Path> after = tree(folder);
    after.removeAll(before);
    after.remove(WalFiles.of(session).destination(name));
    findings.unless(after.isEmpty(), "there is also %s", after);
  }

  private static void checksEmpty(Session session, Findings findings) throws IOException {
    archived(session, 12);
    WalFiles files = WalFiles.of(session);
    Path first = files.segment(files.name(), 121);
    findings.unless(
        code(() -> archive(session, first, true)) != Status.Code.OK,
        "true: an archive in use was accepted");
    Path second = files.segment(files.name(), 122);
    Status.Code no = code(() -> archive(session, second, false));
    findings.unless(no == Status.Code.OK, "false: answers %s", no);
    Path third = files.segment(files.name(), 123);
    Status.Code absent = code(() -> archive(session, third, null));
    findings.unless(absent == Status.Code.OK, "absent: answers %s", absent);
  }

  private static void parallel(Session session, Findings findings) throws Exception {
    session.fresh("Archive", () -> archived(session, 13));
    WalFiles files = WalFiles.of(session);
    List<Path> sources = new ArrayList<>();
    for (int i = 0; i < PARALLEL; i++) {
      sources.add(files.segment(files.name(), 130 + i));
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(PARALLEL)) {
      List<Future<Status.Code>> codes = new ArrayList<>();
      for (Path source : sources) {
        codes.add(threads.submit(() -> code(() -> archive(session, source, null))));
      }
      for (int i = 0; i < PARALLEL; i++) {
        Status.Code code = codes.get(i).get();
        Path source = sources.get(i);
        if (code == Status.Code.OK) {
          same(session, findings, source, String.valueOf(source.getFileName()), Mode.MODE_RECOVERY);
        } else {
          findings.add("file %d of %d: Archive answers %s", i + 1, PARALLEL, code);
        }
      }
    }
  }

  private static void cutOff(Session session, Findings findings) throws Exception {
    archived(session, 14);
    WalFiles files = WalFiles.of(session);
    String name = files.name();
    Path source = files.segment(name, 141);
    WALArchiveRequest request =
        WALArchiveRequest.newBuilder()
            .setClusterDefinition(session.cluster())
            .setSourceFileName(source.toString())
            .build();
    try (Wire wire = session.open()) {
      session.fresh("GetPluginMetadata", () -> IdentityChecks.metadata(wire));
      Future<WALArchiveResult> call = WALGrpc.newFutureStub(wire.channel()).archive(request);
      Thread.sleep(CUT);
      call.cancel(true);
    }
    Thread.sleep(SETTLE);
    Status.Code code = code(() -> restore(session, name, Mode.MODE_RECOVERY));
    Path destination = files.destination(name);
    if (code == Status.Code.OK && Files.exists(destination)) {
      long at = Files.mismatch(source, destination);
      findings.unless(at < 0, "Restore is OK, but the file differs from byte %d on", at);
    }
  }

  private static void firstRequired(Session session, Findings findings) throws IOException {
    archived(session, 16);
    Path required = archived(session, 161);
    Path later = archived(session, 162);
    session.fresh(
        "SetFirstRequired",
        () -> setFirstRequired(session, String.valueOf(required.getFileName())));
    for (Path source : List.of(required, later)) {
      same(session, findings, source, String.valueOf(source.getFileName()), Mode.MODE_RECOVERY);
    }
  }

  private static SetFirstRequiredResult setFirstRequired(Session session, String name) {
    return session
        .wire()
        .wal()
        .setFirstRequired(
            SetFirstRequiredRequest.newBuilder()
                .setClusterDefinition(session.cluster())
                .setFirstRequiredWal(name)
                .build());
  }

  private static void traversal(Session session, Findings findings) throws IOException {
    WalFiles files = WalFiles.of(session);
    Path outside = files.small("outside", "not of the archive\n");
    for (String name : List.of("../../../../../../../../.." + outside, outside.toString())) {
      Path destination = files.destination("traversal");
      WALRestoreRequest request =
          WALRestoreRequest.newBuilder()
              .setClusterDefinition(session.cluster())
              .setSourceWalName(name)
              .setDestinationFileName(destination.toString())
              .build();
      Status.Code code = code(() -> session.wire().wal().restore(request));
      findings.unless(code != Status.Code.OK, "Restore of '%s' is OK", name);
      Files.deleteIfExists(destination);
    }
  }
}
