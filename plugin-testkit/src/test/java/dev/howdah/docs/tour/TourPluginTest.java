package dev.howdah.docs.tour;

import static org.assertj.core.api.Assertions.assertThat;

import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.registry.Capabilities.ServiceCapability;
import dev.howdah.testkit.ClusterScene;
import dev.howdah.testkit.HowdahPluginExtension;
import dev.howdah.testkit.PackagedPlugin;
import dev.howdah.testkit.WalScene;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class TourPluginTest {

  @TempDir static Path folder;

  // docs:configuration
  @RegisterExtension
  static HowdahPluginExtension plugin =
      HowdahPluginExtension.of(PackagedPlugin.of(TourPlugin.class, "tour"))
          .configuration("folder", System.getProperty("java.io.tmpdir"));

  // docs:end

  @Test
  void loadsWithEveryService() {
    plugin
        .loads()
        .declares(ServiceCapability.values())
        .takesPartIn("Service", LifecycleOperation.CREATE)
        .takesPartIn(
            "Pod",
            LifecycleOperation.CREATE,
            LifecycleOperation.EVALUATE,
            LifecycleOperation.DELETE);
  }

  // docs:scene
  @Test
  void labelsServices() {
    ClusterScene cluster = plugin.onCluster("cluster-rich").with("labels", "{\"stage\":\"prod\"}");
    cluster.creates("service-rw").hasLabel("stage", "prod");
    cluster.evaluates("pod-instance").hasContainer("postgres").hasNoLabel("stage");
  }

  // docs:end

  // docs:validation
  @Test
  void limitsTheInstancesOfATier() {
    plugin.onCluster().with("most", "5").validatesCreate().accepts();
    plugin
        .onCluster()
        .with("most", "1")
        .change(cluster -> cluster.withObject("/spec").put("instances", 3))
        .validatesCreate()
        .refuses("instances", "at most 1");
    plugin
        .onCluster()
        .validatesChange(cluster -> cluster.with("tier", "GOLD"))
        .refuses("tier", "can't be changed");
  }

  // docs:end

  @Test
  void asksEveryClusterForItsTeam() {
    plugin
        .onCluster()
        .change(cluster -> cluster.withObject("/metadata").remove("labels"))
        .validatesCreate()
        .refuses("labels", "whose Cluster it is");
  }

  @Test
  void completesAndReports() {
    assertThat(plugin.onCluster().completes().cluster().labels())
        .containsEntry("example.com/tier", "silver");
    // docs:status
    plugin.onCluster().reportsStatus().has("tier", "SILVER");
    // docs:end
  }

  // docs:loop
  @Test
  void neverStopsTheLoop() {
    plugin.onCluster().reconciles().proceeds();
    plugin.onCluster().reconcilesAfterwards().proceeds();
    plugin.onCluster().reconcilesBackup("backup-plugin").proceeds();
  }

  // docs:end

  // docs:wal
  @Test
  void bringsBackWhatItArchived() {
    WalScene wal = plugin.onCluster().asWalArchiver().wal();
    wal.roundTrips(wal.segment("000000010000000000000001"));
    wal.lacks("0000000100000000000000FF");
  }

  // docs:end

  @Test
  void knowsItsArchive() {
    WalScene wal =
        plugin.onCluster().change(it -> it.withObject("/metadata").put("uid", "status")).wal();
    wal.archives(wal.segment("000000010000000000000007"));
    assertThat(wal.status().lastWal()).isEqualTo("000000010000000000000007");
    wal.needsFrom("000000010000000000000007");
  }

  // docs:instance
  @Test
  void worksInsideTheInstance() {
    plugin.onCluster().enriches("enrich-configs").changesOnly("log_min_duration_statement");
    plugin.onCluster().scrapes().satisfies(samples -> assertThat(samples).hasSize(1));
    assertThat(plugin.onCluster().backsUp().result().online()).isTrue();
    plugin
        .onCluster()
        .recoveringFrom("origin", Map.of())
        .restoresDataDirectory()
        .configures("restore_command");
  }
  // docs:end
}
