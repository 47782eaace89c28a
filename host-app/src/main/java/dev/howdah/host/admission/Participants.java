package dev.howdah.host.admission;

import dev.howdah.host.call.Rpc;
import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.parameters.PluginUses;
import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.cluster.Cluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which hosted plugins have a say about a Cluster, in the operator's order, which is by name.
 *
 * @param serving those to ask
 * @param absent those to ask that don't serve: a Cluster names them, or the host requires them
 */
record Participants(List<PluginHandle> serving, List<PluginHandle> absent) {

  /**
   * Chooses them.
   *
   * @param catalog every plugin
   * @param rpc what they would be asked; those that don't offer it have no say
   * @param cluster the Cluster
   * @param binder binds parameters
   * @throws dev.howdah.plugin.PluginException of kind {@code INVALID} if the Cluster's list of
   *     plugins is malformed
   */
  static Participants of(PluginCatalog catalog, Rpc rpc, Cluster cluster, ParameterBinder binder) {
    List<PluginHandle> serving = new ArrayList<>();
    List<PluginHandle> absent = new ArrayList<>();
    for (PluginHandle plugin : catalog.all()) {
      boolean used = !PluginUses.of(cluster, plugin.name(), binder).isEmpty();
      Optional<HostedPlugin> hosted = plugin.serving();
      if (hosted.isPresent()) {
        boolean policies = rpc != Rpc.MUTATE_CLUSTER && hosted.get().hooks().policy().isPresent();
        if (rpc.isOffered(hosted.get().capabilities()) && (used || policies)) {
          serving.add(plugin);
        }
      } else if (used || plugin.descriptor().settings().required()) {
        absent.add(plugin);
      }
    }
    return new Participants(List.copyOf(serving), List.copyOf(absent));
  }
}
