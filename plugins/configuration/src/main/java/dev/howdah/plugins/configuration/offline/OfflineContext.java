package dev.howdah.plugins.configuration.offline;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.Parameters;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.cluster.PluginEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What surrounds a hook that is called without a host: no deadline, never cancelled. */
public final class OfflineContext implements HookContext {

  private static final OfflineBinder BINDER = new OfflineBinder();

  private final Cluster cluster;
  private final List<PluginUse> uses;

  /**
   * Makes a context.
   *
   * @param cluster the Cluster
   * @param plugin the name of the plugin that is called
   */
  public OfflineContext(Cluster cluster, String plugin) {
    this.cluster = cluster;
    this.uses =
        cluster.plugins().stream()
            .filter(entry -> entry.enabled() && entry.name().equals(plugin))
            .reduce((first, last) -> last)
            .map(OfflineContext::own)
            .map(List::of)
            .orElse(List.of());
  }

  private static PluginUse own(PluginEntry entry) {
    List<String> path = new ArrayList<>(entry.path());
    path.add("parameters");
    return new PluginUse.Own(
        new Parameters(entry.parameters(), path, BINDER), entry.path(), entry.walArchiver());
  }

  @Override
  public Cluster cluster() {
    return cluster;
  }

  @Override
  public List<PluginUse> uses() {
    return uses;
  }

  @Override
  public <P extends Record> P parameters(Class<P> type) {
    return own()
        .map(own -> own.parameters().as(type))
        .orElseGet(() -> BINDER.bind(type, Map.of(), List.of("spec", "plugins")));
  }

  @Override
  public Optional<Duration> remaining() {
    return Optional.empty();
  }

  @Override
  public boolean isCancelled() {
    return false;
  }

  @Override
  public void onCancel(Runnable action) {}
}
