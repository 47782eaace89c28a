package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugins.objectstore.OpenArchives.Opened;
import java.util.function.Supplier;

/** The archives that a Cluster uses, opened for its hooks. Thread-safe. */
final class ClusterArchives {

  private static final String SKIP_CHECK = "cnpg.io/skipEmptyWalArchiveCheck";

  private final String pluginName;
  private final String podName;
  private final Supplier<Running> running;

  /**
   * Makes it.
   *
   * @param podName name of the Pod that this process is in; empty if it is in none
   */
  ClusterArchives(String pluginName, String podName, Supplier<Running> running) {
    this.pluginName = pluginName;
    this.podName = podName;
    this.running = running;
  }

  Running running() {
    return running.get();
  }

  String podName() {
    return podName;
  }

  /** Opens an archive with the parameters of one of the Cluster's uses of the plugin. */
  Opened open(Cluster cluster, ObjectStoreParameters parameters) {
    return running().archives().open(cluster.namespace(), parameters, cluster.name());
  }

  ObjectStoreParameters ownParameters(HookContext context) {
    return own(context).parameters().as(ObjectStoreParameters.class);
  }

  PluginUse.Own own(HookContext context) {
    return context.own().orElseThrow(() -> notUsed(context.cluster()));
  }

  PluginException notUsed(Cluster cluster) {
    return new PluginException(
        PluginException.Kind.PRECONDITION,
        "the Cluster %s does not use %s for this".formatted(cluster.qualifiedName(), pluginName));
  }

  /** Whether the user wants no look into the archive before it is first written to. */
  static boolean checkSkipped(Cluster cluster) {
    return "enabled".equals(cluster.annotations().get(SKIP_CHECK));
  }
}
