package dev.howdah.host.call;

import dev.howdah.host.parameters.PluginUses;
import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.Parameters;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.lifecycle.LifecycleContext;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** What a hook sees around it: the Cluster, the plugin's uses in it, time left and cancellation. */
public final class CallContext implements LifecycleContext {

  private final Cluster cluster;
  private final List<PluginUse> uses;
  private final ParameterBinder binder;
  private final HookTime time;
  private final Executor cancellations;
  private final @Nullable LifecycleOperation operation;

  CallContext(
      Cluster cluster,
      String plugin,
      ParameterBinder binder,
      HookTime time,
      Executor cancellations,
      @Nullable LifecycleOperation operation) {
    this.cluster = cluster;
    this.uses = PluginUses.of(cluster, plugin, binder);
    this.binder = binder;
    this.time = time;
    this.cancellations = cancellations;
    this.operation = operation;
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
        .map(PluginUse.Own::parameters)
        .orElseGet(() -> new Parameters(Map.of(), List.of("spec", "plugins"), binder))
        .as(type);
  }

  @Override
  public Optional<Duration> remaining() {
    return time.remaining();
  }

  @Override
  public boolean isCancelled() {
    return time.isOver();
  }

  @Override
  public void onCancel(Runnable action) {
    time.onOver(() -> cancellations.execute(action));
  }

  @Override
  public LifecycleOperation operation() {
    if (operation == null) {
      throw new IllegalStateException("This isn't a lifecycle hook.");
    }
    return operation;
  }
}
