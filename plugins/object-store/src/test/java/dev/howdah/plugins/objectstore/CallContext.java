package dev.howdah.plugins.objectstore;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.ParameterBinder;
import dev.howdah.plugin.Parameters;
import dev.howdah.plugin.PluginUse;
import dev.howdah.plugin.cluster.Cluster;
import dev.howdah.plugin.cluster.PluginEntry;
import dev.howdah.plugin.lifecycle.LifecycleContext;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What the host gives a hook, for a Cluster in JSON. */
final class CallContext implements HookContext {

  static final String PLUGIN = "object-store.howdah.dev";

  private static final ParameterBinder BINDER =
      new ParameterBinder() {
        @Override
        public <P extends Record> P bind(
            Class<P> type, Map<String, String> parameters, List<String> path) {
          return type.cast(
              new ObjectStoreParameters(
                  Optional.ofNullable(parameters.get("barmanObjectName")),
                  Optional.ofNullable(parameters.get("serverName")),
                  parameters.getOrDefault("walArchiving", "on"),
                  Integer.parseInt(parameters.getOrDefault("minimumRedundancy", "1")),
                  parameters.getOrDefault("redundancyCounts", "verified"),
                  parameters.getOrDefault("verificationInterval", "7d")));
        }
      };

  private final Cluster cluster;

  CallContext(Cluster cluster) {
    this.cluster = cluster;
  }

  static CallContext of(String json) {
    return new CallContext(
        Cluster.decode(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8)));
  }

  static Parameters parameters(Map<String, String> values) {
    return new Parameters(values, List.of("spec"), BINDER);
  }

  @Override
  public Cluster cluster() {
    return cluster;
  }

  @Override
  public List<PluginUse> uses() {
    List<PluginUse> uses = new ArrayList<>();
    for (PluginEntry entry : cluster.plugins()) {
      if (entry.name().equals(PLUGIN) && entry.enabled()) {
        uses.add(
            new PluginUse.Own(parameters(entry.parameters()), entry.path(), entry.walArchiver()));
      }
    }
    for (var external : cluster.externalClusters()) {
      if (external.plugin().filter(entry -> entry.name().equals(PLUGIN)).isEmpty()) {
        continue;
      }
      PluginEntry entry = external.plugin().get();
      Parameters parameters = parameters(entry.parameters());
      uses.add(
          cluster.recoverySource().filter(external.name()::equals).isPresent()
              ? new PluginUse.RecoverySource(parameters, entry.path(), external.name())
              : new PluginUse.ReplicaSource(parameters, entry.path(), external.name()));
    }
    return uses;
  }

  @Override
  public <P extends Record> P parameters(Class<P> type) {
    return own().map(PluginUse::parameters).orElseGet(() -> parameters(Map.of())).as(type);
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

  /** The same while the operator does something with an object. */
  LifecycleContext during(LifecycleOperation operation) {
    return new During(this, operation);
  }

  private record During(CallContext context, LifecycleOperation operation)
      implements LifecycleContext {
    @Override
    public Cluster cluster() {
      return context.cluster();
    }

    @Override
    public List<PluginUse> uses() {
      return context.uses();
    }

    @Override
    public <P extends Record> P parameters(Class<P> type) {
      return context.parameters(type);
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
}
