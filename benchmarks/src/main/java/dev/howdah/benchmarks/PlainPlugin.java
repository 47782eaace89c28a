package dev.howdah.benchmarks;

import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Maturity;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.reconcile.ClusterReconcileHook;

/**
 * A plugin with one hook and nothing else.
 *
 * @param name the plugin's name
 * @param hook takes part in each loop of a Cluster
 */
record PlainPlugin(String name, ClusterReconcileHook hook) implements Plugin {

  @Override
  public PluginMetadata metadata() {
    return PluginMetadata.of(name, "1.0.0")
        .displayName("Benchmark")
        .description("Is measured.")
        .vendor("Howdah")
        .maturity(Maturity.STABLE)
        .build();
  }

  @Override
  public void register(Hooks hooks) {
    hooks.preReconcileCluster(hook);
  }
}
