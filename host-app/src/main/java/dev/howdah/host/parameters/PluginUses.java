package dev.howdah.host.parameters;

import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.Parameters;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.cluster.ExternalCluster;
import dev.howdah.plugin.cluster.PluginEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the places in a Cluster that name a plugin. */
public final class PluginUses {

  private PluginUses() {}

  /**
   * Finds them: the own use first, then external clusters in the order written. An entry that is
   * disabled is no use, as for the operator; of several enabled ones in {@code spec.plugins} the
   * last is the own use. An external cluster that this one both recovers from and replicates is two
   * uses.
   *
   * @param cluster the Cluster
   * @param plugin the plugin's name
   * @param binder binds the parameters given there
   * @return enabled uses; empty if the Cluster doesn't use the plugin
   * @throws dev.howdah.plugin.PluginException of kind {@code INVALID} if the Cluster is malformed
   *     there
   */
  public static List<PluginUse> of(Cluster cluster, String plugin, ParameterBinder binder) {
    List<PluginUse> uses = new ArrayList<>();
    cluster.plugins().stream()
        .filter(entry -> enabled(entry, plugin))
        .reduce((before, last) -> last)
        .map(
            entry ->
                new PluginUse.Own(parameters(entry, binder), entry.path(), entry.walArchiver()))
        .ifPresent(uses::add);
    Optional<String> recovery = cluster.recoverySource();
    Optional<String> replica = cluster.replicaSource();
    for (ExternalCluster external : cluster.externalClusters()) {
      String name = external.name();
      external
          .plugin()
          .filter(entry -> enabled(entry, plugin))
          .ifPresent(
              entry -> {
                Parameters parameters = parameters(entry, binder);
                boolean recovers = recovery.filter(name::equals).isPresent();
                if (recovers) {
                  uses.add(new PluginUse.RecoverySource(parameters, entry.path(), name));
                }
                if (!recovers || replica.filter(name::equals).isPresent()) {
                  uses.add(new PluginUse.ReplicaSource(parameters, entry.path(), name));
                }
              });
    }
    return List.copyOf(uses);
  }

  private static boolean enabled(PluginEntry entry, String plugin) {
    return entry.enabled() && entry.name().equals(plugin);
  }

  private static Parameters parameters(PluginEntry entry, ParameterBinder binder) {
    List<String> path = new ArrayList<>(entry.path());
    path.add("parameters");
    return new Parameters(entry.parameters(), path, binder);
  }
}
