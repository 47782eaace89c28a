package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginConfiguration;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.backup.BackupRequest;
import dev.howdah.plugin.backup.BackupResult;
import dev.howdah.plugin.backup.RestoreRequest;
import dev.howdah.plugin.backup.RestoreResult;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugin.wal.WalArchiveRequest;
import dev.howdah.plugin.wal.WalRestoreRequest;
import dev.howdah.plugin.wal.WalStatus;
import dev.howdah.plugins.objectstore.OpenArchives.Opened;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Failures;
import dev.howdah.plugins.objectstore.backup.BackupProgress;
import dev.howdah.plugins.objectstore.backup.BackupSettings;
import dev.howdah.plugins.objectstore.backup.BaseBackup;
import dev.howdah.plugins.objectstore.backup.PostgresAddress;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.recovery.BackupChoice;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.wal.EmptyArchiveCheck;
import dev.howdah.plugins.objectstore.wal.LookAhead;
import dev.howdah.plugins.objectstore.wal.WalArchiver;
import dev.howdah.plugins.objectstore.wal.WalInventory;
import dev.howdah.plugins.objectstore.wal.WalRestorer;
import dev.howdah.plugins.objectstore.wal.WalWriteSettings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Archives WAL, makes base backups and recovers from them, in Barman Cloud's layout: what its hooks
 * need of the Cluster is gathered here, the work is done in the packages below.
 */
public final class ObjectStorePlugin implements Plugin {

  private static final Logger log = LoggerFactory.getLogger(ObjectStorePlugin.class);

  private static final String SKIP_CHECK = "cnpg.io/skipEmptyWalArchiveCheck";
  private static final String CHECK_MARKER = ".check-empty-wal-archive";
  private static final int WAL_PART = 5 << 20;
  private static final Duration SHORT_PATIENCE = Duration.ofSeconds(10);
  private static final String RESTORE_CONFIGURATION =
      """
      recovery_target_action = promote
      restore_command = '/controller/manager wal-restore --log-destination /controller/log/postgres.json %f %p'
      """;

  private final ObjectStoreConfiguration configuration;
  private final Map<String, String> environment;
  private final Clock clock;
  private final PluginMetadata metadata;
  private final BaseBackup baseBackup;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();
  private volatile @Nullable Running running;

  /** Called by the host. */
  public ObjectStorePlugin(PluginConfiguration configuration, Clock clock) {
    this(configuration.bind(ObjectStoreConfiguration.class), System.getenv(), clock);
  }

  ObjectStorePlugin(
      ObjectStoreConfiguration configuration, Map<String, String> environment, Clock clock) {
    this.configuration = configuration;
    this.environment = Map.copyOf(environment);
    this.clock = clock;
    this.baseBackup = new BaseBackup(clock);
    this.metadata =
        PluginMetadata.of(ObjectStorePlugin.class)
            .displayName("Object store")
            .description(
                "Archives WAL, makes base backups and recovers from them, in Barman Cloud's"
                    + " layout.")
            .build();
  }

  // What lives from start to stop.
  private record Running(
      OpenArchives archives,
      LookAhead archiver,
      WalRestorer restorer,
      RecoveryWindowMetrics metrics) {}

  @Override
  public PluginMetadata metadata() {
    return metadata;
  }

  @Override
  public void register(Hooks hooks) {
    hooks.parameters(ObjectStoreParameters.class);
    hooks.archiveWal(this::archiveWal);
    hooks.restoreWal(this::restoreWal);
    hooks.walStatus(this::walStatus);
    hooks.backup(this::backup);
    hooks.restore(this::restore);
    hooks.metrics(context -> running().metrics().definitions(), this::collect);
  }

  @Override
  public void start() throws IOException {
    WalArchiver archiver =
        new WalArchiver(new PartBuffers(configuration.walThreads() + 1, WAL_PART));
    running =
        new Running(
            new OpenArchives(configuration),
            new LookAhead(archiver, configuration.walThreads()),
            WalRestorer.open(Path.of(configuration.spool()), configuration.walThreads()),
            new RecoveryWindowMetrics());
  }

  @Override
  public void stop() {
    Running ending = running;
    running = null;
    if (ending != null) {
      ending.metrics().close();
      ending.archiver().close();
      ending.restorer().close();
      ending.archives().close();
    }
  }

  void archiveWal(WalArchiveRequest request, HookContext context) {
    Cluster cluster = context.cluster();
    PluginUse.Own own = own(context);
    ObjectStoreParameters parameters = own.parameters().as(ObjectStoreParameters.class);
    switch (ArchivingRule.of(cluster, own, parameters, metadata.name())) {
      case ArchivingRule.StandBack standBack -> {
        log.atDebug()
            .addKeyValue("cluster", cluster.qualifiedName())
            .addKeyValue("wal", request.walName())
            .log("WAL is not archived here: {}", standBack.why());
        return;
      }
      case ArchivingRule.Archive archive ->
          archive
              .warning()
              .filter(warning -> warned.add(cluster.qualifiedName()))
              .ifPresent(
                  warning ->
                      log.atWarn().addKeyValue("cluster", cluster.qualifiedName()).log(warning));
    }
    Opened opened = open(cluster, parameters);
    Failures.translating(
        "archive " + request.walName(),
        () -> {
          boolean check = mustBeEmpty(request, cluster);
          if (check) {
            EmptyArchiveCheck.check(opened.wal(), request.source());
          }
          WalWriteSettings settings =
              new WalWriteSettings(
                  opened.spec().wal().codec(),
                  opened.spec().tags(),
                  opened.spec().historyTags(),
                  opened.spec().wal().maxParallel());
          // Files sent ahead would make the archive look newer than the file that is to be checked.
          running().archiver().archive(opened.wal(), settings, request.source(), !check);
          if (request.checkEmptyArchive().isEmpty()) {
            Files.deleteIfExists(dataDirectoryOf(request.source()).resolve(CHECK_MARKER));
          }
          return true;
        });
  }

  // Older operators leave the decision to the plugin.
  private static boolean mustBeEmpty(WalArchiveRequest request, Cluster cluster) {
    return request
        .checkEmptyArchive()
        .orElseGet(
            () ->
                !checkSkipped(cluster)
                    && Files.exists(dataDirectoryOf(request.source()).resolve(CHECK_MARKER)));
  }

  private static boolean checkSkipped(Cluster cluster) {
    return "enabled".equals(cluster.annotations().get(SKIP_CHECK));
  }

  // A WAL file's path is PGDATA/pg_wal/name, also where pg_wal is a link.
  private static Path dataDirectoryOf(Path walFile) {
    Path wal = walFile.toAbsolutePath().getParent();
    Path data = wal == null ? null : wal.getParent();
    return data == null ? Path.of("/") : data;
  }

  void restoreWal(WalRestoreRequest request, HookContext context) {
    Cluster cluster = context.cluster();
    if (!WalName.isOne(request.walName())) {
      throw new PluginException(
          PluginException.Kind.INVALID,
          "'%s' is not the name of a WAL file".formatted(request.walName()));
    }
    PluginUse use = sourceOfWal(context);
    ObjectStoreParameters parameters = use.parameters().as(ObjectStoreParameters.class);
    Opened opened = open(cluster, parameters);
    boolean rewind = request.mode() == WalRestoreRequest.Mode.REWIND;
    Failures.translating(
        "restore " + request.walName(),
        () -> {
          running()
              .restorer()
              .restore(
                  opened.wal(),
                  new WalRestorer.Order(
                      WalName.parse(request.walName()),
                      request.destination(),
                      systemId(dataDirectoryOf(request.destination())),
                      rewind ? 0 : opened.spec().wal().maxParallel() - 1,
                      canStream(cluster) ? SHORT_PATIENCE : configuration.restorePatience()));
          return true;
        });
  }

  // A standby that gets no WAL from here goes on streaming; a recovery would end too early.
  private boolean canStream(Cluster cluster) {
    return cluster.currentPrimary().filter(primary -> !primary.equals(podName())).isPresent();
  }

  private PluginUse sourceOfWal(HookContext context) {
    Optional<PluginUse> own = context.use(PluginUse.Own.class).map(use -> use);
    Optional<PluginUse> recovery = context.use(PluginUse.RecoverySource.class).map(use -> use);
    Optional<PluginUse> replica = context.use(PluginUse.ReplicaSource.class).map(use -> use);
    Optional<String> primary = context.cluster().currentPrimary();
    Optional<PluginUse> preferred =
        primary.isEmpty()
            ? recovery
            : primary.get().equals(podName()) && context.cluster().replicaSource().isPresent()
                ? replica
                : own;
    return preferred
        .or(() -> own)
        .or(() -> replica)
        .or(() -> recovery)
        .orElseThrow(() -> notUsed(context.cluster()));
  }

  private String podName() {
    return environment.getOrDefault("POD_NAME", "");
  }

  // The first eight bytes of the control file, in every version of PostgreSQL.
  private static Optional<String> systemId(Path dataDirectory) throws IOException {
    Path control = dataDirectory.resolve("global/pg_control");
    if (!Files.isReadable(control)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(control)) {
      byte[] bytes = in.readNBytes(Long.BYTES);
      return bytes.length < Long.BYTES
          ? Optional.empty()
          : Optional.of(
              Long.toUnsignedString(
                  ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()).getLong()));
    }
  }

  WalStatus walStatus(HookContext context) {
    Opened opened = open(context.cluster(), ownParameters(context));
    WalInventory inventory =
        Failures.translating("look into the WAL archive", () -> WalInventory.read(opened.wal()));
    return new WalStatus(
        inventory.first().orElse(""),
        inventory.last().orElse(""),
        Map.of("archive", opened.wal().location()));
  }

  BackupResult backup(BackupRequest request, HookContext context) {
    Cluster cluster = context.cluster();
    ObjectStoreParameters parameters = ownParameters(context);
    if (!parameters.archives()) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "the parameter walArchiving is off, so a backup could never be restored");
    }
    Opened opened = open(cluster, parameters);
    BackupSettings settings = settings(opened, request.parameters().values());
    AtomicBoolean cancelled = new AtomicBoolean();
    context.onCancel(() -> cancelled.set(true));
    BaseBackup.Made made;
    try {
      made =
          baseBackup.make(
              opened.data(),
              PostgresAddress.fromEnvironment(environment),
              "backup-" + request.backup().name(),
              settings,
              new BackupProgress(cancelled::get));
    } finally {
      running().metrics().refresh(opened.data());
    }
    return result(made, cluster);
  }

  private BackupSettings settings(Opened opened, Map<String, String> parameters) {
    BackupParameters given = BackupParameters.of(parameters);
    return new BackupSettings(
        given.codec().orElse(opened.spec().data().codec()),
        given.jobs().orElse(opened.spec().data().jobs()),
        configuration.partSize(),
        BackupSettings.DEFAULT.archiveSize(),
        given.immediateCheckpoint().orElse(opened.spec().data().immediateCheckpoint()),
        opened.spec().tags(),
        configuration.walPatience());
  }

  /** What a Backup may say for itself alone. */
  private record BackupParameters(
      Optional<Codec> codec, Optional<Integer> jobs, Optional<Boolean> immediateCheckpoint) {

    private static final int MOST_JOBS = 64;

    static BackupParameters of(Map<String, String> values) {
      Optional<Codec> codec = Optional.empty();
      Optional<Integer> jobs = Optional.empty();
      Optional<Boolean> immediate = Optional.empty();
      for (Map.Entry<String, String> entry : values.entrySet()) {
        String value = entry.getValue();
        switch (entry.getKey()) {
          case "compression" ->
              codec =
                  Optional.of(
                      Codec.ofConfiguration(value).orElseThrow(() -> wrong("compression", value)));
          case "jobs" -> jobs = Optional.of(jobs(value));
          case "immediateCheckpoint" -> {
            if (!Set.of("true", "false").contains(value)) {
              throw wrong("immediateCheckpoint", value);
            }
            immediate = Optional.of(value.equals("true"));
          }
          default ->
              throw new PluginException(
                  PluginException.Kind.INVALID,
                  ("spec.pluginConfiguration.parameters.%s is not known; known are compression,"
                          + " jobs and immediateCheckpoint")
                      .formatted(entry.getKey()));
        }
      }
      return new BackupParameters(codec, jobs, immediate);
    }

    private static int jobs(String value) {
      try {
        int jobs = Integer.parseInt(value);
        if (jobs >= 1 && jobs <= MOST_JOBS) {
          return jobs;
        }
      } catch (NumberFormatException e) {
        throw wrong("jobs", value);
      }
      throw wrong("jobs", value);
    }

    private static PluginException wrong(String name, String value) {
      return new PluginException(
          PluginException.Kind.INVALID,
          "spec.pluginConfiguration.parameters.%s can't be '%s'".formatted(name, value));
    }
  }

  private BackupResult result(BaseBackup.Made made, Cluster cluster) {
    BackupInfo info = made.info();
    Instant started = info.beginTime().orElse(clock.instant());
    return new BackupResult(
        made.id(),
        info.backupName().orElse(""),
        started,
        info.endTime().orElse(started),
        info.beginWal().orElse(""),
        info.endWal().orElse(""),
        info.beginLsn().map(Objects::toString).orElse(""),
        info.endLsn().map(Objects::toString).orElse(""),
        info.backupLabel().orElse(""),
        "",
        podName(),
        true,
        // The names under which Barman's plugin finds its Backups again.
        Map.of(
            "timeline", info.timeline().map(String::valueOf).orElse(""),
            "version", metadata.version(),
            "name", metadata.name(),
            "pluginName", metadata.name(),
            "displayName", metadata.displayName(),
            "clusterUID", cluster.uid()));
  }

  RestoreResult restore(RestoreRequest request, HookContext context) {
    Cluster cluster = context.cluster();
    PluginUse.RecoverySource source =
        context.use(PluginUse.RecoverySource.class).orElseThrow(() -> notUsed(cluster));
    Opened from = open(cluster, source.parameters().as(ObjectStoreParameters.class));
    return Failures.translating(
        "restore a backup of " + from.data().location(),
        () -> {
          BackupChoice choice =
              BackupChoice.choose(
                  from.data(), Catalogue.read(from.data()), ClusterRecoveryTarget.of(cluster));
          log.atInfo()
              .addKeyValue("cluster", cluster.qualifiedName())
              .addKeyValue("backup", choice.backup().id())
              .addKeyValue("passedOver", choice.passedOver())
              .log("Backup chosen");
          checkOwnArchive(request, context, choice.backup());
          BackupRestore.restore(from.data(), choice.backup(), destination(cluster, from));
          return new RestoreResult(RESTORE_CONFIGURATION, Map.of());
        });
  }

  private void checkOwnArchive(RestoreRequest request, HookContext context, Catalogue.Entry backup)
      throws IOException {
    boolean check = request.checkEmptyArchive().orElseGet(() -> !checkSkipped(context.cluster()));
    Optional<String> systemId = backup.info().systemId();
    if (check && systemId.isPresent() && context.own().isPresent()) {
      Archive own = open(context.cluster(), ownParameters(context)).wal();
      EmptyArchiveCheck.check(own, systemId.get());
    }
  }

  private BackupRestore.Destination destination(Cluster cluster, Opened from) {
    Path data = Path.of(environment.getOrDefault("PGDATA", "/var/lib/postgresql/data/pgdata"));
    Optional<Path> wal =
        cluster.at("spec", "walStorage").isObject()
            ? Optional.of(Path.of("/var/lib/postgresql/wal/pg_wal"))
            : Optional.empty();
    return new BackupRestore.Destination(data, wal, Map.of(), from.spec().data().jobs());
  }

  List<MetricSample> collect(HookContext context) {
    if (context.own().isEmpty()) {
      return List.of();
    }
    return running().metrics().samples(open(context.cluster(), ownParameters(context)).data());
  }

  private Opened open(Cluster cluster, ObjectStoreParameters parameters) {
    return running().archives().open(cluster.namespace(), parameters, cluster.name());
  }

  private ObjectStoreParameters ownParameters(HookContext context) {
    return own(context).parameters().as(ObjectStoreParameters.class);
  }

  private PluginUse.Own own(HookContext context) {
    return context.own().orElseThrow(() -> notUsed(context.cluster()));
  }

  private PluginException notUsed(Cluster cluster) {
    return new PluginException(
        PluginException.Kind.PRECONDITION,
        "the Cluster %s does not use %s for this"
            .formatted(cluster.qualifiedName(), metadata.name()));
  }

  private Running running() {
    Running now = running;
    if (now == null) {
      throw new PluginException(
          PluginException.Kind.UNAVAILABLE, metadata.name() + " is not started");
    }
    return now;
  }
}
