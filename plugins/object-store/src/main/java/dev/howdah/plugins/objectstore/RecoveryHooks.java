package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.backup.RestoreRequest;
import dev.howdah.plugin.backup.RestoreResult;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.objectstore.OpenArchives.Opened;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Failures;
import dev.howdah.plugins.objectstore.recovery.BackupChoice;
import dev.howdah.plugins.objectstore.recovery.BackupRestore;
import dev.howdah.plugins.objectstore.wal.EmptyArchiveCheck;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Recovers a Cluster's data directory from a backup. Thread-safe. */
final class RecoveryHooks {

  private static final Logger log = LoggerFactory.getLogger(RecoveryHooks.class);
  private static final String RESTORE_CONFIGURATION =
      """
      recovery_target_action = promote
      restore_command = '/controller/manager wal-restore --log-destination /controller/log/postgres.json %f %p'
      """;

  private final Map<String, String> environment;
  private final ClusterArchives archives;

  RecoveryHooks(Map<String, String> environment, ClusterArchives archives) {
    this.environment = environment;
    this.archives = archives;
  }

  RestoreResult restore(RestoreRequest request, HookContext context) {
    Cluster cluster = context.cluster();
    PluginUse.RecoverySource source =
        context.use(PluginUse.RecoverySource.class).orElseThrow(() -> archives.notUsed(cluster));
    Opened from = archives.open(cluster, source.parameters().as(ObjectStoreParameters.class));
    return Failures.translating(
        "restore a backup of " + from.data().location(),
        () -> {
          BackupChoice choice =
              BackupChoice.choose(
                  from.data(), Catalogue.read(from.data()), ClusterRecoveryTarget.of(cluster));
          log.atInfo()
              .addKeyValue("cluster", cluster.qualifiedName())
              .addKeyValue("backup", choice.backup().id())
              .addKeyValue("reason", choice.reason())
              .addKeyValue("passedOver", choice.passedOver())
              .log("Backup chosen");
          checkOwnArchive(request, context, choice.backup());
          BackupRestore.restore(from.data(), choice.backup(), destination(cluster, from));
          return new RestoreResult(RESTORE_CONFIGURATION, Map.of());
        });
  }

  private void checkOwnArchive(RestoreRequest request, HookContext context, Catalogue.Entry backup)
      throws IOException {
    boolean check =
        request
            .checkEmptyArchive()
            .orElseGet(() -> !ClusterArchives.checkSkipped(context.cluster()));
    Optional<String> systemId = backup.info().systemId();
    if (check && systemId.isPresent() && context.own().isPresent()) {
      Archive own = archives.open(context.cluster(), archives.ownParameters(context)).wal();
      EmptyArchiveCheck.check(own, systemId.get());
    }
  }

  private BackupRestore.Destination destination(Cluster cluster, Opened from) {
    Path data = Path.of(environment.getOrDefault("PGDATA", "/var/lib/postgresql/data/pgdata"));
    Optional<Path> wal =
        cluster.at("spec", "walStorage").isObject()
            ? Optional.of(Path.of("/var/lib/postgresql/wal/pg_wal"))
            : Optional.empty();
    return new BackupRestore.Destination(
        data, wal, Map.of(), from.spec().data().jobs(), cluster.currentPrimary().isEmpty());
  }
}
