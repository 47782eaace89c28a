package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.backup.BackupRequest;
import dev.howdah.plugin.backup.BackupResult;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.objectstore.OpenArchives.Opened;
import dev.howdah.plugins.objectstore.backup.BackupProgress;
import dev.howdah.plugins.objectstore.backup.BackupSettings;
import dev.howdah.plugins.objectstore.backup.BaseBackup;
import dev.howdah.plugins.objectstore.backup.PostgresAddress;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/** Makes base backups of a Cluster. Thread-safe. */
final class BackupHooks {

  private final ObjectStoreConfiguration configuration;
  private final PluginMetadata metadata;
  private final Map<String, String> environment;
  private final Clock clock;
  private final ClusterArchives archives;
  private final RecoveryWindowStatus status;
  private final BaseBackup baseBackup;

  BackupHooks(
      ObjectStoreConfiguration configuration,
      PluginMetadata metadata,
      Map<String, String> environment,
      Clock clock,
      ClusterArchives archives,
      RecoveryWindowStatus status) {
    this.status = status;
    this.configuration = configuration;
    this.metadata = metadata;
    this.environment = environment;
    this.clock = clock;
    this.archives = archives;
    this.baseBackup = new BaseBackup(clock);
  }

  BackupResult backup(BackupRequest request, HookContext context) {
    Cluster cluster = context.cluster();
    ObjectStoreParameters parameters = archives.ownParameters(context);
    if (!parameters.archives()) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "the parameter walArchiving is off, so a backup could never be restored");
    }
    Opened opened = archives.open(cluster, parameters);
    BackupSettings settings = settings(opened, request.parameters().values());
    AtomicBoolean cancelled = new AtomicBoolean();
    context.onCancel(() -> cancelled.set(true));
    BackupProgress progress = new BackupProgress(cancelled::get);
    BaseBackup.Made made;
    try (BackupActivity.Attempt attempt =
        archives.running().backupActivity().begin(opened.data().location(), progress)) {
      made =
          baseBackup.make(
              opened.data(),
              PostgresAddress.fromEnvironment(environment),
              "backup-" + request.backup().name(),
              settings,
              progress);
      attempt.made();
    } finally {
      archives
          .running()
          .catalogueMetrics()
          .refresh(
              opened.data(),
              catalogue -> status.update(cluster, parameters, opened.data(), catalogue));
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
        archives.podName(),
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
}
