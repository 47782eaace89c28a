package dev.howdah.plugins.objectstore;

import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginException.Kind;
import dev.howdah.plugin.audit.AuditEvent;
import dev.howdah.plugin.cluster.Backup;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugin.wal.WalArchiveRequest;
import dev.howdah.plugins.objectstore.layout.BackupId;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.wal.WalFiles;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
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
import org.junit.jupiter.api.io.TempDir;

/**
 * The plugin as it stands beside an instance, with all that it needs in one folder: PGDATA, a
 * directory that an ObjectStore names, and what it publishes to the audit trail.
 */
abstract class PluginOnInstance {

  static final String ONE = "000000010000000000000001";
  static final String PLUGIN = "'name': 'object-store.howdah.dev'";

  @TempDir Path scratch;

  Path wal;
  Path bucket;
  ObjectStorePlugin plugin;
  final List<AuditEvent> published = new CopyOnWriteArrayList<>();

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
    begin();
  }

  /** Begins a process of its own, which knows nothing of one before. */
  void begin() {
    plugin =
        new ObjectStorePlugin(
            Configurations.in(scratch),
            Map.of("POD_NAME", "orders-1", "PGDATA", scratch.resolve("pgdata").toString()),
            Clock.systemUTC(),
            published::add,
            kubernetes());
    plugin.start();
  }

  Optional<KubernetesClient> kubernetes() {
    return Optional.empty();
  }

  @AfterEach
  void stop() {
    plugin.stop();
  }

  void archive(CallContext cluster) throws Exception {
    archive(cluster, WalFiles.segment(ONE, WalFiles.SYSTEM, 1));
  }

  void archive(CallContext cluster, byte[] segment) throws Exception {
    Path source = WalFiles.ready(wal, ONE, segment);
    plugin
        .wal()
        .archive(
            new WalArchiveRequest(source, CallContext.parameters(Map.of()), Optional.empty()),
            cluster);
  }

  static CallContext cluster(String entry) {
    return CallContext.of(
        """
        {'metadata': {'name': 'orders', 'namespace': 'shop'},
         'spec': {'plugins': [{%s%s}]}}
        """
            .formatted(PLUGIN, entry.isEmpty() ? "" : ", " + entry));
  }

  static CallContext recovered(String status) {
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

  static Backup backup() {
    return Backup.decode(
        "{\"metadata\": {\"name\": \"nightly\"}}".getBytes(StandardCharsets.UTF_8));
  }

  String backedUp(Instant began) throws Exception {
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

  /** Defines an ObjectStore over the bucket that is cared for every second. */
  void define(String name, String policy) throws Exception {
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

  /** Makes the instance a database of its own. */
  void control(long systemId) throws Exception {
    Files.createDirectories(scratch.resolve("pgdata/global"));
    Files.write(
        scratch.resolve("pgdata/global/pg_control"),
        ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(systemId).array());
  }

  /** Values by the metric's name and its labels' values. */
  static Map<String, Double> named(List<MetricSample> samples) {
    return samples.stream()
        .collect(
            toMap(
                sample -> String.join(" ", concat(sample.name(), sample.labelValues())),
                MetricSample::value));
  }

  private static List<String> concat(String first, List<String> rest) {
    return Stream.concat(Stream.of(first), rest.stream()).toList();
  }

  static void assertKind(Kind kind, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind));
  }
}
