package dev.howdah.plugin;

import java.util.List;

/**
 * One place in a Cluster that names the plugin. A plugin is enabled in a Cluster if at least one
 * place does; of duplicates the last wins.
 */
public sealed interface PluginUse {

  /** The parameters given in that place. */
  Parameters parameters();

  /** Where the place is, from the Cluster's root, such as {@code spec, plugins, 0}. */
  List<String> path();

  /**
   * The Cluster lists the plugin in {@code spec.plugins}.
   *
   * @param parameters the parameters given there
   * @param path where it stands
   * @param walArchiver whether {@code isWALArchiver} is true. It is false by default, so unset and
   *     "no" look the same.
   */
  record Own(Parameters parameters, List<String> path, boolean walArchiver) implements PluginUse {}

  /**
   * The Cluster is bootstrapped by recovery from an external cluster that the plugin provides
   * ({@code bootstrap.recovery.source}).
   *
   * @param parameters the parameters given there
   * @param path where it stands, such as {@code spec, externalClusters, 0, plugin}
   * @param externalCluster the external cluster's name
   */
  record RecoverySource(Parameters parameters, List<String> path, String externalCluster)
      implements PluginUse {}

  /**
   * The Cluster is a replica of an external cluster that the plugin provides ({@code
   * replica.source}), or otherwise names the plugin in {@code externalClusters} without recovering
   * from it.
   *
   * @param parameters the parameters given there
   * @param path where it stands, such as {@code spec, externalClusters, 0, plugin}
   * @param externalCluster the external cluster's name
   */
  record ReplicaSource(Parameters parameters, List<String> path, String externalCluster)
      implements PluginUse {}
}
