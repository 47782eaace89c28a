package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.wal.WalArchiveRequest;
import dev.howdah.plugin.wal.WalRestoreRequest;
import dev.howdah.plugin.wal.WalStatus;
import dev.howdah.plugins.objectstore.OpenArchives.Opened;
import dev.howdah.plugins.objectstore.archive.Failures;
import dev.howdah.plugins.objectstore.archive.FirstRequiredWal;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.wal.EmptyArchiveCheck;
import dev.howdah.plugins.objectstore.wal.WalInventory;
import dev.howdah.plugins.objectstore.wal.WalRestorer;
import dev.howdah.plugins.objectstore.wal.WalWriteSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Archives a Cluster's WAL and brings it back. Thread-safe. */
final class WalHooks {

  private static final Logger log = LoggerFactory.getLogger(WalHooks.class);
  private static final Duration SHORT_PATIENCE = Duration.ofSeconds(10);

  private final ObjectStoreConfiguration configuration;
  private final String pluginName;
  private final ClusterArchives archives;
  private final Set<String> warned = ConcurrentHashMap.newKeySet();

  WalHooks(ObjectStoreConfiguration configuration, String pluginName, ClusterArchives archives) {
    this.configuration = configuration;
    this.pluginName = pluginName;
    this.archives = archives;
  }

  void archive(WalArchiveRequest request, HookContext context) {
    Cluster cluster = context.cluster();
    PluginUse.Own own = archives.own(context);
    ObjectStoreParameters parameters = own.parameters().as(ObjectStoreParameters.class);
    switch (ArchivingRule.of(cluster, own, parameters, pluginName)) {
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
    WalActivity activity = archives.running().walActivity();
    long began = System.nanoTime();
    Opened opened;
    try {
      opened = archives.open(cluster, parameters);
      store(request, cluster, opened);
    } catch (PluginException e) {
      activity.failed(cluster, request.source());
      throw e;
    }
    activity.archived(cluster, request.source(), since(began));
    if (cluster.currentPrimary().filter(archives.podName()::equals).isPresent()) {
      archives.running().care().walArchived(cluster, parameters, opened, request.source());
    }
  }

  private void store(WalArchiveRequest request, Cluster cluster, Opened opened) {
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
          archives.running().archiver().archive(opened.wal(), settings, request.source(), !check);
          if (request.checkEmptyArchive().isEmpty()) {
            DataDirectory.of(request.source()).archiveWasEmpty();
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
                !ClusterArchives.checkSkipped(cluster)
                    && DataDirectory.of(request.source()).wantsEmptyArchive());
  }

  void restore(WalRestoreRequest request, HookContext context) {
    Cluster cluster = context.cluster();
    if (!WalName.isOne(request.walName())) {
      throw new PluginException(
          PluginException.Kind.INVALID,
          "'%s' is not the name of a WAL file".formatted(request.walName()));
    }
    PluginUse use = sourceOfWal(context);
    ObjectStoreParameters parameters = use.parameters().as(ObjectStoreParameters.class);
    long began = System.nanoTime();
    Opened opened = archives.open(cluster, parameters);
    boolean rewind = request.mode() == WalRestoreRequest.Mode.REWIND;
    Failures.translating(
        "restore " + request.walName(),
        () -> {
          archives
              .running()
              .restorer()
              .restore(
                  opened.wal(),
                  new WalRestorer.Order(
                      WalName.parse(request.walName()),
                      request.destination(),
                      DataDirectory.of(request.destination()).systemId(),
                      rewind ? 0 : opened.spec().wal().maxParallel() - 1,
                      canStream(cluster) ? SHORT_PATIENCE : configuration.restorePatience()));
          return true;
        });
    archives.running().walActivity().restored(cluster, since(began));
  }

  private static Duration since(long nanoTime) {
    return Duration.ofNanos(System.nanoTime() - nanoTime);
  }

  // A standby that gets no WAL from here goes on streaming; a recovery would end too early.
  private boolean canStream(Cluster cluster) {
    return cluster
        .currentPrimary()
        .filter(primary -> !primary.equals(archives.podName()))
        .isPresent();
  }

  private PluginUse sourceOfWal(HookContext context) {
    Optional<PluginUse> own = context.use(PluginUse.Own.class).map(use -> use);
    Optional<PluginUse> recovery = context.use(PluginUse.RecoverySource.class).map(use -> use);
    Optional<PluginUse> replica = context.use(PluginUse.ReplicaSource.class).map(use -> use);
    Optional<String> primary = context.cluster().currentPrimary();
    Optional<PluginUse> preferred =
        primary.isEmpty()
            ? recovery
            : primary.get().equals(archives.podName())
                    && context.cluster().replicaSource().isPresent()
                ? replica
                : own;
    return preferred
        .or(() -> own)
        .or(() -> replica)
        .or(() -> recovery)
        .orElseThrow(() -> archives.notUsed(context.cluster()));
  }

  /**
   * Takes note of the first WAL that is still needed.
   *
   * @throws PluginException of kind {@code INVALID} if the name isn't that of a segment
   */
  void setFirstRequired(String walName, HookContext context) {
    WalName.Segment segment = segment(walName);
    Opened opened = archives.open(context.cluster(), archives.ownParameters(context));
    Failures.translating(
        "take note of the first required WAL in " + opened.wal().location(),
        () -> {
          FirstRequiredWal.record(opened.wal(), segment);
          return true;
        });
    log.atInfo()
        .addKeyValue("cluster", context.cluster().qualifiedName())
        .addKeyValue("archive", opened.wal().location())
        .addKeyValue("wal", segment.name())
        .log("The first required WAL was set");
  }

  private static WalName.Segment segment(String walName) {
    Optional<WalName> name =
        WalName.isOne(walName) ? Optional.of(WalName.parse(walName)) : Optional.empty();
    return name.flatMap(
            known ->
                switch (known) {
                  case WalName.Segment segment -> Optional.of(segment);
                  case WalName.Partial partial -> Optional.of(partial.of());
                  case WalName.BackupLabel label -> Optional.of(label.of());
                  case WalName.History history -> Optional.<WalName.Segment>empty();
                })
        .orElseThrow(
            () ->
                new PluginException(
                    PluginException.Kind.INVALID,
                    "'%s' is not the name of a WAL segment".formatted(walName)));
  }

  WalStatus status(HookContext context) {
    Opened opened = archives.open(context.cluster(), archives.ownParameters(context));
    return Failures.translating(
        "look into the WAL archive",
        () -> {
          WalInventory inventory = WalInventory.read(opened.wal());
          Map<String, String> more = new TreeMap<>();
          more.put("archive", opened.wal().location());
          FirstRequiredWal.read(opened.wal())
              .ifPresent(segment -> more.put("firstRequired", segment.name()));
          return new WalStatus(inventory.first().orElse(""), inventory.last().orElse(""), more);
        });
  }
}
