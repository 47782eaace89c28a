package dev.howdah.plugins.objectstore;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginException.Kind;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.admission.ValidationFinding.Severity;
import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugin.backup.BackupRequest;
import dev.howdah.plugin.backup.RestoreRequest;
import dev.howdah.plugin.backup.RestoreResult;
import dev.howdah.plugin.cluster.Backup;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugin.registry.Capabilities;
import dev.howdah.plugin.registry.Capabilities.WalRpc;
import dev.howdah.plugin.registry.HookRegistry;
import dev.howdah.plugin.registry.Side;
import dev.howdah.plugin.wal.WalArchiveRequest;
import dev.howdah.plugin.wal.WalRestoreRequest;
import dev.howdah.plugins.objectstore.layout.BackupId;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.wal.WalFiles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectStorePluginTest {

  private static final String ONE = "000000010000000000000001";
  private static final String PLUGIN = "'name': 'object-store.howdah.dev'";

  @TempDir Path scratch;

  private Path wal;
  private Path bucket;
  private ObjectStorePlugin plugin;
  private final List<AuditEvent> published = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws Exception {
    wal = Files.createDirectories(scratch.resolve("pgdata/pg_wal"));
    bucket = Files.createDirectory(scratch.resolve("bucket"));
    Path definitions = Files.createDirectories(scratch.resolve("definitions/shop"));
    Files.writeString(
        definitions.resolve("backups.yaml"),
        """
        apiVersion: barmancloud.cnpg.io/v1
        kind: ObjectStore
        metadata: {name: backups, namespace: shop}
        spec:
          configuration:
            destinationPath: %s
            wal: {compression: gzip}
        """
            .formatted("file://" + bucket));
    plugin =
        new ObjectStorePlugin(
            Configurations.in(scratch),
            Map.of("POD_NAME", "orders-1", "PGDATA", scratch.resolve("pgdata").toString()),
            Clock.systemUTC(),
            published::add,
            Optional.empty());
    plugin.start();
  }

  @AfterEach
  void stop() {
    plugin.stop();
  }

  @Test
  void itsHooksMakeItsCapabilities() {
    Capabilities instance = Capabilities.derive(HookRegistry.collect(plugin), Side.INSTANCE);

    assertThat(plugin.metadata().name()).isEqualTo("object-store.howdah.dev");
    assertThat(instance.wal())
        .containsExactlyInAnyOrder(
            WalRpc.ARCHIVE_WAL, WalRpc.RESTORE_WAL, WalRpc.STATUS, WalRpc.SET_FIRST_REQUIRED);
  }

  @Test
  void aClusterWithoutObjectStoreUsesThePluginsOwnDirectory() throws Exception {
    archive(cluster("'isWALArchiver': true"));

    assertThat(scratch.resolve("embedded/orders/wals/0000000100000000/" + ONE)).exists();
  }

  @Test
  void anObjectStoreAndAServerNameAreFollowed() throws Exception {
    archive(
        cluster(
            "'isWALArchiver': true, 'parameters': {'barmanObjectName': 'backups', 'serverName':"
                + " 'old'}"));

    assertThat(bucket.resolve("old/wals/0000000100000000/" + ONE + ".gz")).exists();
  }

  @Test
  void withoutTheArchiversFlagWalIsArchivedUnlessSomebodyElseClearlyDoes() throws Exception {
    archive(cluster(""));
    assertThat(scratch.resolve("embedded/orders")).exists();

    archive(
        CallContext.of(
            """
            {'metadata': {'name': 'other', 'namespace': 'shop'}, 'spec': {'plugins': [
              {%s}, {'name': 'barman-cloud.cloudnative-pg.io', 'isWALArchiver': true}]}}
            """
                .formatted(PLUGIN)));
    archive(
        CallContext.of(
            """
            {'metadata': {'name': 'intree', 'namespace': 'shop'}, 'spec': {'plugins': [{%s}],
              'backup': {'barmanObjectStore': {'destinationPath': 's3://b'}}}}
            """
                .formatted(PLUGIN)));
    assertThat(scratch.resolve("embedded/other")).doesNotExist();
    assertThat(scratch.resolve("embedded/intree")).doesNotExist();
  }

  @Test
  void aDisabledArchiverIsNobodyElse() throws Exception {
    archive(
        CallContext.of(
            """
            {'metadata': {'name': 'orders', 'namespace': 'shop'}, 'spec': {'plugins': [
              {%s}, {'name': 'other.example.com', 'isWALArchiver': true, 'enabled': false}]}}
            """
                .formatted(PLUGIN)));

    assertThat(scratch.resolve("embedded/orders")).exists();
  }

  @Test
  void archivingThatIsOffRulesOutBackups() throws Exception {
    CallContext off = cluster("'isWALArchiver': true, 'parameters': {'walArchiving': 'off'}");
    archive(off);
    assertThat(scratch.resolve("embedded/orders")).doesNotExist();

    assertKind(
        Kind.PRECONDITION,
        () ->
            plugin
                .backups()
                .backup(new BackupRequest(backup(), CallContext.parameters(Map.of())), off));
  }

  @Test
  void unknownParametersOfABackupAreNamed() {
    assertThatThrownBy(
            () ->
                plugin
                    .backups()
                    .backup(
                        new BackupRequest(backup(), CallContext.parameters(Map.of("jobz", "2"))),
                        cluster("'isWALArchiver': true")))
        .hasMessageContaining("jobz");
  }

  @Test
  void aNewDatabaseIsKeptOutOfAnotherOnesArchive() throws Exception {
    CallContext cluster = cluster("'isWALArchiver': true");
    String two = "000000010000000000000002";
    Files.write(wal.resolve(two), WalFiles.segment(two, 42, 1));
    plugin
        .wal()
        .archive(
            new WalArchiveRequest(
                wal.resolve(two), CallContext.parameters(Map.of()), Optional.of(false)),
            cluster);
    WalFiles.ready(wal, ONE, 1);

    assertKind(
        Kind.PRECONDITION,
        () ->
            plugin
                .wal()
                .archive(
                    new WalArchiveRequest(
                        wal.resolve(ONE), CallContext.parameters(Map.of()), Optional.of(true)),
                    cluster));
  }

  @Test
  void anOlderOperatorsMarkerIsObeyedAndRemoved() throws Exception {
    Path marker = Files.createFile(scratch.resolve("pgdata/.check-empty-wal-archive"));

    archive(cluster("'isWALArchiver': true"));

    assertThat(marker).doesNotExist();
  }

  @Test
  void walComesBackFromTheSourceWhileThereIsNoPrimaryAndFromTheOwnArchiveAfterwards()
      throws Exception {
    archive(
        cluster(
            "'isWALArchiver': true, 'parameters': {'barmanObjectName': 'backups', 'serverName':"
                + " 'source'}"));

    plugin.wal().restore(restore(), recovered(""));
    assertThat(scratch.resolve("pgdata/pg_wal/RECOVERYXLOG"))
        .hasBinaryContent(WalFiles.segment(ONE, WalFiles.SYSTEM, 1));
    assertKind(
        Kind.NOT_FOUND,
        () -> plugin.wal().restore(restore(), recovered("'currentPrimary': 'orders-2'")));
  }

  @Test
  void aStoreThatIsAwayIsUnavailableAndNotTheEndOfTheArchive() throws Exception {
    Files.delete(bucket);

    assertThatThrownBy(() -> plugin.wal().restore(restore(), recovered("")))
        .isInstanceOf(PluginException.class)
        .satisfies(e -> assertThat(((PluginException) e).kind()).isNotEqualTo(Kind.NOT_FOUND));
  }

  @Test
  void walOfAnotherDatabaseIsNotRestored() throws Exception {
    CallContext cluster = cluster("'isWALArchiver': true");
    archive(cluster);
    Files.createDirectories(scratch.resolve("pgdata/global"));
    Files.write(scratch.resolve("pgdata/global/pg_control"), new byte[] {42, 0, 0, 0, 0, 0, 0, 0});

    assertThatThrownBy(() -> plugin.wal().restore(restore(), cluster))
        .hasMessageContaining("this one is 42");
  }

  @Test
  void theStatusNamesTheOldestAndTheNewestSegment() throws Exception {
    CallContext cluster = cluster("'isWALArchiver': true");
    archive(cluster);

    assertThat(plugin.wal().status(cluster).firstWal()).isEqualTo(ONE);
    assertThat(plugin.wal().status(cluster).lastWal()).isEqualTo(ONE);
  }

  @Test
  void theFirstRequiredWalIsRememberedInTheArchiveAndShownInTheStatus() throws Exception {
    CallContext cluster = cluster("'isWALArchiver': true");
    archive(cluster);
    String two = "000000010000000000000002";

    plugin.wal().setFirstRequired(two + ".00000028.backup", cluster);

    assertThat(scratch.resolve("embedded/orders/howdah-first-required-wal")).hasContent(two + "\n");
    assertThat(plugin.wal().status(cluster).additionalInformation())
        .containsEntry("firstRequired", two);
    plugin.wal().setFirstRequired(ONE, cluster);
    assertThat(plugin.wal().status(cluster).additionalInformation())
        .containsEntry("firstRequired", ONE);
    assertKind(Kind.INVALID, () -> plugin.wal().setFirstRequired("00000002.history", cluster));
  }

  @Test
  void theRecoveryWindowIsShownUnderTheNamesThatDashboardsKnow() throws Exception {
    Path folder = scratch.resolve("embedded/orders/base/20260301T040506");
    Files.createDirectories(folder);
    Files.write(
        folder.resolve("backup.info"),
        BackupInfo.builder()
            .put("status", "DONE")
            .put("begin_time", Instant.ofEpochSecond(1000))
            .put("end_time", Instant.ofEpochSecond(2000))
            .build()
            .toBytes());
    CallContext cluster = cluster("'isWALArchiver': true");

    await().untilAsserted(() -> assertThat(samples(cluster)).startsWith(2000.0, 2000.0, 0.0));
  }

  @Test
  void metricsTellWhatBecameOfWalAndHowMuchWaits() throws Exception {
    CallContext cluster = cluster("'isWALArchiver': true");
    archive(cluster);
    Files.write(wal.resolve(ONE), WalFiles.segment(ONE, WalFiles.SYSTEM, 2));
    assertKind(
        Kind.PRECONDITION,
        () ->
            plugin
                .wal()
                .archive(
                    new WalArchiveRequest(
                        wal.resolve(ONE), CallContext.parameters(Map.of()), Optional.empty()),
                    cluster));

    Map<String, Double> samples = named(plugin.metrics().collect(cluster));

    assertThat(samples)
        .containsEntry("howdah_object_store_wal_archived_total", 1.0)
        .containsEntry("howdah_object_store_wal_archive_failures_total", 1.0)
        .containsEntry("howdah_object_store_wal_restored_total", 0.0)
        .containsEntry("howdah_object_store_wal_waiting", 1.0);
    assertThat(samples.get("howdah_object_store_wal_last_archived_timestamp")).isGreaterThan(1e9);
    assertThat(samples)
        .containsEntry("howdah_object_store_wal_archived_bytes_total", (double) WalFiles.SEGMENT)
        .containsEntry("howdah_object_store_wal_last_archived_timeline", 1.0)
        .containsEntry("howdah_object_store_wal_last_archived_lsn", (double) WalFiles.SEGMENT)
        .containsEntry("howdah_object_store_wal_last_failed_lsn", (double) WalFiles.SEGMENT);
    assertThat(samples.get("howdah_object_store_wal_archive_seconds_total")).isPositive();
  }

  @Test
  void theOldestFileThatWaitsTellsHowLongEvenBeforeAnyWasArchived() throws Exception {
    WalFiles.ready(wal, ONE, 1);
    Files.setLastModifiedTime(
        wal.resolve("archive_status/" + ONE + ".ready"),
        FileTime.from(Instant.now().minusSeconds(3600)));

    Map<String, Double> samples = named(plugin.metrics().collect(cluster("'isWALArchiver': true")));

    assertThat(samples).containsEntry("howdah_object_store_wal_waiting", 1.0);
    assertThat(samples.get("howdah_object_store_wal_waiting_seconds")).isBetween(3600.0, 7200.0);
  }

  @Test
  void metricsTellOfTheArchivesBackups() throws Exception {
    Instant began = Instant.parse("2026-03-01T00:00:00Z");
    backedUp(began);
    backedUp(began.plus(Duration.ofDays(1)));
    double stored = Files.size(bucket.resolve("orders/base/20260302T000000/data.tar"));
    Files.createDirectories(bucket.resolve("orders/base/20260304T000000"));
    Files.writeString(bucket.resolve("orders/base/20260304T000000/data.tar"), "x");
    CallContext cluster =
        cluster("'isWALArchiver': true, 'parameters': {'barmanObjectName': 'backups'}");

    await()
        .untilAsserted(
            () ->
                assertThat(named(plugin.metrics().collect(cluster)))
                    .containsEntry("howdah_object_store_backups done", 2.0)
                    .containsEntry("howdah_object_store_backups failed", 0.0)
                    .containsEntry("howdah_object_store_backups unfinished", 1.0)
                    .containsEntry("howdah_object_store_last_backup_seconds", 60.0)
                    .containsEntry("howdah_object_store_last_backup_stored_bytes", stored)
                    .containsEntry("howdah_object_store_last_backup_database_bytes", 6e9)
                    .containsEntry("howdah_object_store_last_backup_bytes_per_second", 1e8)
                    .containsEntry("howdah_object_store_recovery_window_seconds", 86400.0)
                    .containsEntry("howdah_object_store_backup_running", 0.0)
                    .containsEntry("howdah_object_store_errors_total unavailable", 0.0));
  }

  @Test
  void whatTheStoreFailedAtIsCountedByKindAndWhatIsMerelyNotThereIsNot() throws Exception {
    CallContext cluster =
        cluster("'isWALArchiver': true, 'parameters': {'barmanObjectName': 'backups'}");
    archive(cluster);
    Files.move(bucket, scratch.resolve("moved"));

    assertThatThrownBy(() -> archive(cluster)).isInstanceOf(PluginException.class);

    Map<String, Double> errors = named(plugin.metrics().collect(cluster));
    assertThat(errors.get("howdah_object_store_errors_total unavailable")).isPositive();
    assertThat(errors).containsEntry("howdah_object_store_errors_total denied", 0.0);
  }

  @Test
  void metricsOfWalAreThereEvenIfTheObjectStoreIsNot() {
    CallContext cluster =
        cluster("'isWALArchiver': true, 'parameters': {'barmanObjectName': 'nowhere'}");
    assertKind(Kind.PRECONDITION, () -> archive(cluster));

    assertThat(named(plugin.metrics().collect(cluster)))
        .containsEntry("howdah_object_store_wal_archive_failures_total", 1.0);
  }

  /** Values by the metric's name and its labels' values. */
  private static Map<String, Double> named(List<MetricSample> samples) {
    return samples.stream()
        .collect(
            toMap(
                sample -> String.join(" ", concat(sample.name(), sample.labelValues())),
                MetricSample::value));
  }

  private static List<String> concat(String first, List<String> rest) {
    return Stream.concat(Stream.of(first), rest.stream()).toList();
  }

  @Test
  void aClusterIsNotRestoredFromAnEmptyArchive() {
    assertThatThrownBy(
            () -> {
              RestoreResult result =
                  plugin.recovery().restore(new RestoreRequest(Optional.of(true)), recovered(""));
              assertThat(result).isNull();
            })
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.kind()).isEqualTo(Kind.NOT_FOUND))
        .hasMessageContaining("has no backups");
  }

  @Test
  void whoeverArchivesAsThePrimaryAlsoVerifiesABackupAndDeletesWhatIsNoLongerNeeded()
      throws Exception {
    Instant now = Instant.now();
    String old = backedUp(now.minus(Duration.ofDays(40)));
    String covers = backedUp(now.minus(Duration.ofDays(20)));
    control(WalFiles.SYSTEM);
    define("kept", "7d");

    archiveAs("orders-2");
    archiveAs("orders-1");

    await()
        .untilAsserted(
            () -> {
              // Care comes with WAL that is archived.
              archiveAs("orders-1");
              assertThat(published)
                  .extracting(AuditEvent::action)
                  .containsExactlyInAnyOrder("backup.verify", "backup.delete");
            });
    assertThat(event("backup.verify").details())
        .containsEntry("backup", covers)
        .containsEntry("result", "sound")
        .containsEntry("walUpTo", ONE);
    assertThat(event("backup.delete").details()).containsEntry("backup", old);
    assertThat(bucket.resolve("orders/base/" + old)).doesNotExist();
    assertThat(bucket.resolve("orders/base/" + covers + "/howdah-verification.json")).exists();
  }

  @Test
  void whatRetentionOnlyKeepsForWantOfVerificationIsToldInMetricsAndAtAdmission() throws Exception {
    Instant now = Instant.now();
    String old = backedUp(now.minus(Duration.ofDays(40)));
    backedUp(now.minus(Duration.ofDays(20)));
    control(WalFiles.SYSTEM);
    define("kept", "7d");
    CallContext cluster =
        CallContext.of(
            """
            {'metadata': {'name': 'orders', 'namespace': 'shop'},
             'spec': {'plugins': [{%s, 'isWALArchiver': true,
               'parameters': {'barmanObjectName': 'kept', 'verificationInterval': 'off'}}]},
             'status': {'currentPrimary': 'orders-1'}}
            """
                .formatted(PLUGIN));

    archive(cluster, WalFiles.sound(ONE, WalFiles.SYSTEM));

    await()
        .untilAsserted(
            () ->
                assertThat(named(plugin.metrics().collect(cluster)))
                    .containsEntry("howdah_object_store_retention_held_backups", 1.0)
                    .containsEntry("howdah_object_store_retention_refused", 0.0)
                    .containsEntry("howdah_object_store_retention_deleted_total backup", 0.0));
    assertThat(bucket.resolve("orders/base/" + old + "/backup.info")).exists();
    assertThat(plugin.admission().create(cluster))
        .singleElement()
        .satisfies(finding -> assertThat(finding.path()).endsWith("verificationInterval"))
        .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.WARNING));
  }

  @Test
  void aBackupThatIsFoundUnsoundIsToldInMetrics() throws Exception {
    String broken = backedUp(Instant.now().minus(Duration.ofDays(1)));
    Files.writeString(bucket.resolve("orders/base/" + broken + "/data.tar"), "no archive at all");
    define("kept", "7d");

    archiveAs("orders-1");
    await().untilAsserted(() -> assertThat(published).hasSize(1));

    assertThat(event("backup.verify").details()).containsEntry("result", "unsound");
    await()
        .untilAsserted(
            () ->
                assertThat(named(plugin.metrics().collect(primary("orders-1"))))
                    .containsEntry("howdah_object_store_backups_verified unsound", 1.0)
                    .containsEntry("howdah_object_store_backups_verified never", 0.0)
                    .containsEntry("howdah_object_store_last_sound_backup_timestamp", 0.0)
                    .containsEntry("howdah_object_store_wal_chain_problems", 0.0)
                    .containsEntry("howdah_object_store_verification_running", 0.0));
  }

  private AuditEvent event(String action) {
    return published.stream()
        .filter(event -> event.action().equals(action))
        .findFirst()
        .orElseThrow();
  }

  private void define(String name, String policy) throws Exception {
    Files.writeString(
        scratch.resolve("definitions/shop/" + name + ".yaml"),
        """
        metadata: {name: %s}
        spec:
          configuration: {destinationPath: %s}
          retentionPolicy: %s
          instanceSidecarConfiguration: {retentionPolicyIntervalSeconds: 1}
        """
            .formatted(name, "file://" + bucket, policy));
  }

  private void control(long systemId) throws Exception {
    Files.createDirectories(scratch.resolve("pgdata/global"));
    Files.write(
        scratch.resolve("pgdata/global/pg_control"),
        ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(systemId).array());
  }

  private static CallContext primary(String pod) {
    return CallContext.of(
        """
        {'metadata': {'name': 'orders', 'namespace': 'shop'},
         'spec': {'plugins': [{%s, 'isWALArchiver': true,
           'parameters': {'barmanObjectName': 'kept'}}]},
         'status': {'currentPrimary': '%s'}}
        """
            .formatted(PLUGIN, pod));
  }

  private void archiveAs(String pod) throws Exception {
    archive(primary(pod), WalFiles.sound(ONE, WalFiles.SYSTEM));
  }

  private String backedUp(Instant began) throws Exception {
    String id = BackupId.at(began);
    Path folder = Files.createDirectories(bucket.resolve("orders/base/" + id));
    try (TarArchiveOutputStream tar =
        new TarArchiveOutputStream(Files.newOutputStream(folder.resolve("data.tar")))) {
      for (String file : List.of("./PG_VERSION", "global/pg_control", "backup_label")) {
        tar.putArchiveEntry(new TarArchiveEntry(file));
        tar.closeArchiveEntry();
      }
    }
    Files.write(
        folder.resolve("backup.info"),
        BackupInfo.builder()
            .put("status", "DONE")
            .put("begin_time", began)
            .put("end_time", began.plusSeconds(60))
            .put("begin_wal", ONE)
            .put("end_wal", ONE)
            .put("begin_xlog", "0/100028")
            .put("end_xlog", "0/100040")
            .put("systemid", Long.toUnsignedString(WalFiles.SYSTEM))
            .put("xlog_segment_size", WalFiles.SEGMENT)
            .put("cluster_size", 6_000_000_000L)
            .build()
            .toBytes());
    return id;
  }

  @Test
  void admissionNamesTheFieldOfTheObjectStoreThatIsWrong() throws Exception {
    Files.writeString(
        scratch.resolve("definitions/shop/wrong.yaml"),
        """
        metadata: {name: wrong}
        spec:
          configuration:
            destinationPath: s3://backups/
            s3Credentials: {accessKeyId: {name: keys, key: id}}
            wal: {compression: rar, archiveAdditionalCommandArgs: [--read-timeout=60]}
        """);
    CallContext cluster =
        cluster("'isWALArchiver': true, 'parameters': {'barmanObjectName': 'wrong'}");

    assertThat(plugin.admission().create(cluster))
        .allSatisfy(
            finding -> assertThat(finding.path()).containsExactly("spec", "barmanObjectName"))
        .extracting(ValidationFinding::severity, ValidationFinding::message)
        .containsExactly(
            tuple(
                Severity.ERROR,
                "ObjectStore wrong: spec.configuration.s3Credentials.secretAccessKey is required,"
                    + " too"),
            tuple(
                Severity.ERROR,
                "ObjectStore wrong: spec.configuration.wal.compression 'rar' is none of bzip2,"
                    + " gzip, lz4, snappy, xz and zstd"),
            tuple(
                Severity.WARNING,
                "ObjectStore wrong: spec.configuration.wal.archiveAdditionalCommandArgs has no"
                    + " effect: there is no child process to give arguments to"));
    assertThat(plugin.admission().change(cluster.cluster(), cluster))
        .extracting(ValidationFinding::severity)
        .containsOnly(Severity.WARNING);
  }

  @Test
  void admissionWarnsOfAnObjectStoreThatIsMissingAndOfWalThatNobodyWasToldToArchive() {
    assertThat(plugin.admission().create(cluster("'parameters': {'barmanObjectName': 'later'}")))
        .extracting(ValidationFinding::message)
        .satisfiesExactly(
            missing -> assertThat(missing).contains("there is no ObjectStore later"),
            nobody -> assertThat(nobody).contains("isWALArchiver is not true"));
  }

  @Test
  void admissionRefusesAServerNameThatIsNoFolder() {
    assertThat(
            plugin
                .admission()
                .create(cluster("'isWALArchiver': true, 'parameters': {'serverName': 'a/b'}")))
        .singleElement()
        .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.ERROR))
        .satisfies(finding -> assertThat(finding.path()).endsWith("serverName"));
  }

  private List<Double> samples(CallContext cluster) {
    return plugin.metrics().collect(cluster).stream().map(MetricSample::value).toList();
  }

  private void archive(CallContext cluster) throws Exception {
    archive(cluster, WalFiles.segment(ONE, WalFiles.SYSTEM, 1));
  }

  private void archive(CallContext cluster, byte[] segment) throws Exception {
    Path source = WalFiles.ready(wal, ONE, segment);
    plugin
        .wal()
        .archive(
            new WalArchiveRequest(source, CallContext.parameters(Map.of()), Optional.empty()),
            cluster);
  }

  private WalRestoreRequest restore() {
    return new WalRestoreRequest(
        ONE,
        scratch.resolve("pgdata/pg_wal/RECOVERYXLOG"),
        WalRestoreRequest.Mode.RECOVERY,
        CallContext.parameters(Map.of()));
  }

  private static CallContext cluster(String entry) {
    return CallContext.of(
        """
        {'metadata': {'name': 'orders', 'namespace': 'shop'},
         'spec': {'plugins': [{%s%s}]}}
        """
            .formatted(PLUGIN, entry.isEmpty() ? "" : ", " + entry));
  }

  private static CallContext recovered(String status) {
    return CallContext.of(
        """
        {'metadata': {'name': 'orders', 'namespace': 'shop'},
         'spec': {
           'bootstrap': {'recovery': {'source': 'origin'}},
           'plugins': [{%s}],
           'externalClusters': [{'name': 'origin', 'plugin': {%s,
             'parameters': {'barmanObjectName': 'backups', 'serverName': 'source'}}}]},
         'status': {%s}}
        """
            .formatted(PLUGIN, PLUGIN, status));
  }

  private static Backup backup() {
    return Backup.decode(
        "{\"metadata\": {\"name\": \"nightly\"}}".getBytes(StandardCharsets.UTF_8));
  }

  private static void assertKind(
      Kind kind, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
  }
}
