package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.metrics.MetricDefinition;
import dev.howdah.plugin.metrics.MetricSample;
import dev.howdah.plugins.objectstore.archive.Archive;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells in numbers how a Cluster's archive is doing. Thread-safe. */
final class MetricsHooks {

  private static final Logger log = LoggerFactory.getLogger(MetricsHooks.class);

  private final ClusterArchives archives;

  MetricsHooks(ClusterArchives archives) {
    this.archives = archives;
  }

  static List<MetricDefinition> definitions() {
    List<MetricDefinition> all = new ArrayList<>(CatalogueMetrics.definitions());
    all.addAll(WalActivity.definitions());
    all.addAll(BackupActivity.definitions());
    all.addAll(RetentionActivity.definitions());
    all.addAll(VerificationCare.definitions());
    all.add(StoreFaults.ERRORS);
    return List.copyOf(all);
  }

  List<MetricSample> collect(HookContext context) {
    if (context.own().isEmpty()) {
      return List.of();
    }
    Cluster cluster = context.cluster();
    List<MetricSample> all = new ArrayList<>();
    try {
      all.addAll(
          ofArchive(cluster, archives.open(cluster, archives.ownParameters(context)).data()));
    } catch (PluginException e) {
      // What is known of WAL matters most when the ObjectStore can't be used.
      log.atDebug()
          .addKeyValue("cluster", cluster.qualifiedName())
          .setCause(e)
          .log("There are no metrics of the archive");
    }
    all.addAll(archives.running().walActivity().samples(cluster));
    return all;
  }

  private List<MetricSample> ofArchive(Cluster cluster, Archive archive) {
    Running running = archives.running();
    List<MetricSample> samples =
        new ArrayList<>(
            running
                .catalogueMetrics()
                .samples(archive, running.walActivity().lastArchived(cluster)));
    samples.addAll(running.backupActivity().samples(archive.location()));
    // Only one instance cares for an archive, and another one may after a failover.
    if (cluster.currentPrimary().filter(archives.podName()::equals).isPresent()) {
      samples.addAll(running.care().samples(archive));
    }
    samples.addAll(running.faults().samples(archive.store().location()));
    return samples;
  }
}
