package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.audit.AuditPublisher;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugins.objectstore.OpenArchives.Opened;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue;
import dev.howdah.plugins.objectstore.archive.Progress;
import dev.howdah.plugins.objectstore.retention.Retention;
import dev.howdah.plugins.objectstore.retention.RetentionPlan;
import dev.howdah.plugins.objectstore.retention.RetentionPlanner;
import dev.howdah.plugins.objectstore.retention.RetentionPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cares for an archive from time to time, in the background: retention, the Backup resources of
 * what it deletes, what the ObjectStore's status says, and that backups are verified.
 *
 * <p>It is begun by WAL that this very process has just archived as the current primary. So an
 * archive has one owner, and a destination that was changed or that nobody writes to is never
 * deleted from. Thread-safe.
 */
final class RetentionCare implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RetentionCare.class);

  private final Clock clock;
  private final AuditPublisher audit;
  private final RecoveryWindowStatus status;
  private final BackupResources resources;
  private final VerificationCare verification;
  private final CatalogueMetrics metrics;
  private final RetentionActivity activity = new RetentionActivity();
  private final Map<String, Instant> due = new ConcurrentHashMap<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().name("retention").factory());

  RetentionCare(
      Clock clock,
      AuditPublisher audit,
      RecoveryWindowStatus status,
      BackupResources resources,
      VerificationCare verification,
      CatalogueMetrics metrics) {
    this.verification = verification;
    this.metrics = metrics;
    this.resources = resources;
    this.clock = clock;
    this.audit = audit;
    this.status = status;
  }

  /**
   * Takes note that WAL was archived, and begins the care if it is time.
   *
   * @param walFile the file that was archived, in its PGDATA
   */
  void walArchived(Cluster cluster, ObjectStoreParameters parameters, Opened opened, Path walFile) {
    Instant now = clock.instant();
    String archive = opened.data().location();
    boolean[] begin = {false};
    due.compute(
        archive,
        (key, at) -> {
          begin[0] = at == null || !at.isAfter(now);
          return begin[0] ? now.plus(opened.spec().retentionInterval()) : at;
        });
    if (!begin[0]) {
      return;
    }
    try {
      thread.execute(() -> care(cluster, parameters, opened, walFile));
    } catch (RejectedExecutionException e) {
      log.atDebug().addKeyValue("archive", archive).log("The plugin stops; no retention now");
    }
  }

  private void care(
      Cluster cluster, ObjectStoreParameters parameters, Opened opened, Path walFile) {
    Archive archive = opened.data();
    try {
      Optional<String> systemId = DataDirectory.of(walFile).systemId();
      if (opened.spec().retentionPolicy().isPresent() && systemId.isPresent()) {
        retain(
            cluster,
            archive,
            RetentionPolicy.parse(
                opened.spec().retentionPolicy().get(),
                parameters.minimumRedundancy(),
                parameters.counting()),
            systemId.get());
      }
      Catalogue catalogue = Catalogue.read(archive);
      resources.follow(cluster, archive, catalogue, systemId);
      status.update(cluster, parameters, archive, catalogue);
      Optional<Duration> interval = parameters.verifiesEvery();
      if (interval.isPresent()) {
        verification.consider(
            cluster,
            archive,
            catalogue,
            interval.get(),
            () -> metrics.refresh(archive, read -> {}));
      }
    } catch (IOException | PluginException e) {
      log.atWarn()
          .addKeyValue("cluster", cluster.qualifiedName())
          .addKeyValue("archive", archive.location())
          .addKeyValue("reason", e.getMessage())
          .log("The archive could not be cared for; it is tried again next time");
    } catch (RuntimeException e) {
      log.atError()
          .addKeyValue("cluster", cluster.qualifiedName())
          .addKeyValue("archive", archive.location())
          .setCause(e)
          .log("The archive could not be cared for");
    }
  }

  private void retain(Cluster cluster, Archive archive, RetentionPolicy policy, String systemId)
      throws IOException {
    RetentionPlan plan =
        RetentionPlanner.plan(archive, policy, clock.instant(), Optional.of(systemId));
    activity.planned(archive.location(), plan);
    plan.refusal()
        .ifPresent(
            why ->
                log.atInfo()
                    .addKeyValue("cluster", cluster.qualifiedName())
                    .log("Retention: {}", why));
    for (String remark : plan.remarks()) {
      log.atWarn().addKeyValue("cluster", cluster.qualifiedName()).log("Retention: {}", remark);
    }
    if (!plan.isEmpty()) {
      resources.beforeDeletion(cluster, archive, plan);
      activity.deleted(
          archive.location(),
          Retention.carryOut(
              plan,
              archive,
              event -> audit.publish(event.cluster(cluster).build()),
              id -> {},
              Progress.NONE));
    }
  }

  /** How the care for an archive goes on. */
  List<MetricSample> samples(Archive archive) {
    List<MetricSample> samples = new ArrayList<>(activity.samples(archive.location()));
    samples.addAll(verification.samples(archive));
    return samples;
  }

  @Override
  public void close() {
    thread.shutdownNow();
    verification.close();
  }
}
