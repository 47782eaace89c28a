package dev.howdah.docs.tour;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginConfiguration;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.Readiness;
import dev.howdah.plugin.admission.ValidationFinding;
import dev.howdah.plugin.backup.BackupRequest;
import dev.howdah.plugin.backup.BackupResult;
import dev.howdah.plugin.backup.RestoreRequest;
import dev.howdah.plugin.backup.RestoreResult;
import dev.howdah.plugin.cluster.Backup;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.lifecycle.LifecycleContext;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.lifecycle.ObjectType;
import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugin.postgres.ConfigurationOperation;
import dev.howdah.plugin.postgres.ParameterLayer;
import dev.howdah.plugin.reconcile.Reconcile;
import dev.howdah.plugin.reconcile.ReconcileStage;
import dev.howdah.plugin.wal.WalArchiveRequest;
import dev.howdah.plugin.wal.WalRestoreRequest;
import dev.howdah.plugin.wal.WalStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One small example of every hook. */
public final class TourPlugin implements Plugin {

  private static final Logger LOG = LoggerFactory.getLogger(TourPlugin.class);

  // docs:constructor
  record Settings(Path folder) {}

  private final Path folder;
  private final Clock clock;

  public TourPlugin(PluginConfiguration configuration, Clock clock) {
    this.folder = configuration.bind(Settings.class).folder();
    this.clock = clock;
  }

  // docs:end

  private final AtomicLong archived = new AtomicLong();

  @Override
  public PluginMetadata metadata() {
    return PluginMetadata.of(TourPlugin.class)
        .displayName("Tour")
        .description("One small example of every hook.")
        .build();
  }

  @Override
  public void register(Hooks hooks) {
    hooks.parameters(TourParameters.class);
    hooks.validateCreate(this::validateCreate);
    hooks.validateChange(this::validateChange);
    hooks.policy(this::everyClusterHasATeam);
    hooks.defaults(this::complete);
    hooks.status(this::status);
    hooks.deregister(context -> LOG.info("Cluster {} has left", context.cluster().name()));
    hooks.onCreate(Service.class, this::label);
    // docs:register-observer
    hooks.observe(
        ObjectType.of(Pod.class), EnumSet.of(LifecycleOperation.DELETE), this::podGoesAway);
    // docs:end
    hooks.preReconcileCluster(this::beforeLoop);
    hooks.postReconcileCluster(context -> Reconcile.proceed());
    hooks.preReconcileBackup(this::beforeBackup);
    hooks.observeReconcile(this::loopSeen);
    hooks.archiveWal(this::archive);
    hooks.restoreWal(this::restore);
    hooks.walStatus(this::walStatus);
    hooks.firstRequiredWal(this::firstRequired);
    hooks.backup(this::backup);
    hooks.restore(this::restoreDataDirectory);
    // docs:register-enrich
    hooks.enrichConfiguration(1, this::enrich);
    // docs:end
    // docs:register-desired
    hooks.desiredParameters(ParameterLayer.POLICY, context -> Map.of("log_connections", "on"));
    // docs:end
    hooks.metrics(this::define, this::collect);
    hooks.readiness(this::check);
  }

  // docs:validate-create
  private List<ValidationFinding> validateCreate(HookContext context) {
    Cluster cluster = context.cluster();
    int most = context.parameters(TourParameters.class).most();
    if (cluster.instances() <= most) {
      return List.of();
    }
    return List.of(
        ValidationFinding.error(
            List.of("spec", "instances"),
            String.valueOf(cluster.instances()),
            "This tier has at most %d instances.".formatted(most)));
  }

  // docs:end

  // docs:validate-change
  private List<ValidationFinding> validateChange(Cluster before, HookContext context) {
    if (context.cluster().instances() >= before.instances()) {
      return List.of();
    }
    return List.of(
        ValidationFinding.warning(
            List.of("spec", "instances"), "", "Fewer instances survive fewer failures."));
  }

  // docs:end

  // docs:policy
  private List<ValidationFinding> everyClusterHasATeam(
      Optional<Cluster> before, HookContext context) {
    boolean missingBefore = before.filter(old -> !old.labels().containsKey("team")).isPresent();
    if (missingBefore || context.cluster().labels().containsKey("team")) {
      return List.of();
    }
    return List.of(
        ValidationFinding.error(
            List.of("metadata", "labels"), "", "Say whose Cluster it is, in the label 'team'."));
  }

  // docs:end

  // docs:defaults
  private Cluster complete(HookContext context) {
    return context
        .cluster()
        .with(
            json -> {
              var labels = json.withObject("/metadata").withObject("/labels");
              if (!labels.has("example.com/tier")) {
                labels.put("example.com/tier", "silver");
              }
            });
  }

  // docs:end

  // docs:status
  private Optional<?> status(HookContext context) {
    return Optional.of(Map.of("tier", context.parameters(TourParameters.class).tier()));
  }

  // docs:end

  // docs:on-create
  private Service label(Service service, LifecycleContext context) {
    return new ServiceBuilder(service)
        .editMetadata()
        .addToLabels(context.parameters(TourParameters.class).labels())
        .endMetadata()
        .build();
  }

  // docs:end

  // docs:observer
  private void podGoesAway(Pod pod, LifecycleContext context) {
    LOG.atInfo()
        .addKeyValue("cluster", context.cluster().qualifiedName())
        .addKeyValue("pod", pod.getMetadata().getName())
        .log("A Pod is about to be deleted");
  }

  // docs:end

  // docs:pre-reconcile
  private Reconcile beforeLoop(HookContext context) {
    // Quick, idempotent work that belongs to the Cluster; a write starts the next loop by itself.
    return Reconcile.proceed();
  }

  // docs:end

  // docs:pre-backup
  private Reconcile beforeBackup(Backup backup, HookContext context) {
    return backup.clusterName().equals(context.cluster().name())
        ? Reconcile.proceed()
        : Reconcile.terminate();
  }

  // docs:end

  // docs:observe-reconcile
  private void loopSeen(ReconcileStage stage, Optional<Backup> backup, HookContext context) {
    LOG.atDebug().addKeyValue("stage", stage).log("A loop was seen");
  }

  // docs:end

  // docs:archive
  private void archive(WalArchiveRequest request, HookContext context) {
    Path target = archiveOf(context).resolve(request.walName());
    try {
      Path half = Files.createTempFile(target.getParent(), "archiving", null);
      Files.copy(request.source(), half, StandardCopyOption.REPLACE_EXISTING);
      Files.move(half, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new PluginException(
          PluginException.Kind.UNAVAILABLE, "The archive can't be written to.", e);
    }
    archived.incrementAndGet();
  }

  // docs:end

  // docs:restore-wal
  private void restore(WalRestoreRequest request, HookContext context) {
    try {
      Files.copy(archiveOf(context).resolve(request.walName()), request.destination());
    } catch (NoSuchFileException e) {
      throw new PluginException(
          PluginException.Kind.NOT_FOUND, "The archive doesn't have the file.", e);
    } catch (IOException e) {
      throw new PluginException(PluginException.Kind.UNAVAILABLE, "The archive can't be read.", e);
    }
  }

  // docs:end

  // docs:wal-status
  private WalStatus walStatus(HookContext context) {
    try (Stream<Path> files = Files.list(archiveOf(context))) {
      List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
      return names.isEmpty()
          ? new WalStatus("", "", Map.of())
          : new WalStatus(names.getFirst(), names.getLast(), Map.of());
    } catch (IOException e) {
      throw new PluginException(
          PluginException.Kind.UNAVAILABLE, "The archive can't be listed.", e);
    }
  }

  // docs:end

  // docs:first-required
  private void firstRequired(String walName, HookContext context) {
    LOG.atInfo().addKeyValue("wal", walName).log("Files before this one may go");
  }

  // docs:end

  // docs:backup
  private BackupResult backup(BackupRequest request, HookContext context) {
    Instant start = clock.instant();
    // … copy the data directory between pg_backup_start and pg_backup_stop …
    return new BackupResult(
        request.backup().name(),
        "",
        start,
        clock.instant(),
        "000000010000000000000002",
        "000000010000000000000003",
        "0/2000028",
        "0/3000050",
        "",
        "",
        "",
        true,
        Map.of());
  }

  // docs:end

  // docs:restore
  private RestoreResult restoreDataDirectory(RestoreRequest request, HookContext context) {
    PluginUse.RecoverySource source =
        context
            .use(PluginUse.RecoverySource.class)
            .orElseThrow(
                () ->
                    new PluginException(
                        PluginException.Kind.INVALID, "The Cluster recovers from elsewhere."));
    // … fill PGDATA from the backup of source.externalCluster() …
    LOG.atInfo().addKeyValue("from", source.externalCluster()).log("Restored");
    return new RestoreResult(
        "restore_command = '/controller/manager wal-restore %f %p'", Map.of("LC_ALL", "C"));
  }

  // docs:end

  // docs:enrich
  private Map<String, String> enrich(
      Map<String, String> configuration, ConfigurationOperation operation, HookContext context) {
    return Map.of("log_min_duration_statement", "500ms");
  }

  // docs:end

  // docs:metrics
  private static final MetricDefinition ARCHIVED =
      MetricDefinition.counter(
          "example_tour_archived_total", "WAL files archived since the start.", "tier");

  private List<MetricDefinition> define(HookContext context) {
    return List.of(ARCHIVED);
  }

  private List<MetricSample> collect(HookContext context) {
    String tier = context.parameters(TourParameters.class).tier().name();
    return List.of(ARCHIVED.sample(archived.get(), tier));
  }

  // docs:end

  // docs:readiness
  private Readiness check() {
    return Files.isWritable(folder)
        ? Readiness.ready()
        : Readiness.notReady("the archive's folder can't be written to.");
  }

  // docs:end

  private Path archiveOf(HookContext context) {
    try {
      return Files.createDirectories(folder.resolve(context.cluster().uid()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
