package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginConfiguration;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.audit.AuditPublisher;
import dev.howdah.plugins.objectstore.config.ObjectStoreApi;
import dev.howdah.plugins.objectstore.config.ObjectStoreFiles;
import dev.howdah.plugins.objectstore.config.ObjectStoreResources;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Archives WAL, makes base backups and recovers from them, in Barman Cloud's layout. Says which
 * hooks there are; the work is done in the classes beside it and the packages below.
 */
public final class ObjectStorePlugin implements Plugin {

  private final ObjectStoreConfiguration configuration;
  private final Clock clock;
  private final AuditPublisher audit;
  private final RecoveryWindowStatus status;
  private final BackupResources backupResources;
  private final PluginMetadata metadata;
  private final ObjectStoreResources resources;
  private final AdmissionHooks admission;
  private final Optional<SidecarNeeds> sidecar;
  private final InstanceRights rights;
  private final ClusterArchives archives;
  private final WalHooks wal;
  private final BackupHooks backups;
  private final RecoveryHooks recovery;
  private final MetricsHooks metrics;
  private final Optional<Path> walDirectory;
  private volatile @Nullable Running running;

  /** Called by the host. */
  public ObjectStorePlugin(
      PluginConfiguration configuration,
      Clock clock,
      AuditPublisher audit,
      Optional<KubernetesClient> kubernetes) {
    this(
        configuration.bind(ObjectStoreConfiguration.class),
        System.getenv(),
        clock,
        audit,
        kubernetes);
  }

  ObjectStorePlugin(
      ObjectStoreConfiguration configuration,
      Map<String, String> environment,
      Clock clock,
      AuditPublisher audit,
      Optional<KubernetesClient> kubernetes) {
    this.clock = clock;
    this.audit = audit;
    this.status = new RecoveryWindowStatus(kubernetes);
    this.configuration = configuration;
    this.metadata =
        PluginMetadata.of(ObjectStorePlugin.class)
            .displayName("Object store")
            .description(
                "Archives WAL, makes base backups and recovers from them, in Barman Cloud's"
                    + " layout.")
            .build();
    this.backupResources = new BackupResources(kubernetes, metadata.name(), audit);
    List<ObjectStoreResources> places = new ArrayList<>();
    places.add(new ObjectStoreFiles(Path.of(configuration.definitions())));
    kubernetes.map(ObjectStoreApi::new).ifPresent(places::add);
    this.resources = ObjectStoreResources.firstOf(places);
    this.admission = new AdmissionHooks(metadata.name(), resources);
    // Where there is no Kubernetes nobody makes Pods.
    this.sidecar = kubernetes.map(client -> new SidecarNeeds(resources));
    this.rights = new InstanceRights(kubernetes, clock);
    Map<String, String> fixed = Map.copyOf(environment);
    this.archives =
        new ClusterArchives(metadata.name(), fixed.getOrDefault("POD_NAME", ""), () -> running());
    this.wal = new WalHooks(configuration, metadata.name(), archives);
    this.backups = new BackupHooks(configuration, metadata, fixed, clock, archives, status);
    this.recovery = new RecoveryHooks(fixed, archives);
    this.metrics = new MetricsHooks(archives);
    this.walDirectory =
        Optional.ofNullable(fixed.get("PGDATA")).map(Path::of).map(data -> data.resolve("pg_wal"));
  }

  @Override
  public PluginMetadata metadata() {
    return metadata;
  }

  AdmissionHooks admission() {
    return admission;
  }

  InstanceRights rights() {
    return rights;
  }

  WalHooks wal() {
    return wal;
  }

  BackupHooks backups() {
    return backups;
  }

  RecoveryHooks recovery() {
    return recovery;
  }

  MetricsHooks metrics() {
    return metrics;
  }

  @Override
  public void register(Hooks hooks) {
    hooks.parameters(ObjectStoreParameters.class);
    hooks.validateCreate(admission::create);
    hooks.validateChange(admission::change);
    hooks.preReconcileCluster(rights::grant);
    sidecar.ifPresent(
        needs -> {
          hooks.onCreate(Pod.class, needs::pod);
          hooks.onCreate(Job.class, needs::job);
        });
    hooks.archiveWal(wal::archive);
    hooks.restoreWal(wal::restore);
    hooks.walStatus(wal::status);
    hooks.firstRequiredWal(wal::setFirstRequired);
    hooks.backup(backups::backup);
    hooks.restore(recovery::restore);
    hooks.metrics(context -> MetricsHooks.definitions(), metrics::collect);
  }

  @Override
  public void start() {
    StoreFaults faults = new StoreFaults();
    CatalogueMetrics catalogueMetrics = new CatalogueMetrics();
    VerificationCare verification =
        new VerificationCare(
            clock,
            audit,
            configuration.verificationRate(),
            Optional.of(configuration.verificationScratch())
                .filter(directory -> !directory.isBlank())
                .map(Path::of));
    running =
        new Running(
            configuration,
            new OpenArchives(configuration, resources, faults),
            faults,
            catalogueMetrics,
            new RetentionCare(
                clock, audit, status, backupResources, verification, catalogueMetrics),
            new WalActivity(clock, walDirectory));
  }

  @Override
  public void stop() {
    Running ending = running;
    running = null;
    if (ending != null) {
      ending.close();
    }
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
