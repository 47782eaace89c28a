package dev.howdah.host.parameters;

import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.cluster.Cluster;
import java.util.List;

/** Finds the places in a Cluster that name a plugin. */
public final class PluginUses {

  private PluginUses() {}

  /**
   * Finds them: the own use first, then external clusters in the order written.
   *
   * @param cluster the Cluster
   * @param plugin the plugin's name
   * @param binder binds the parameters given there
   * @return enabled uses; empty if the Cluster doesn't use the plugin
   * @throws dev.howdah.plugin.PluginException of kind {@code INVALID} if the Cluster is malformed
   *     there
   */
  public static List<PluginUse> of(Cluster cluster, String plugin, ParameterBinder binder) {
    throw new UnsupportedOperationException();
  }
}
