package dev.howdah.testkit.wrong;

import dev.howdah.plugin.HookContext;
import dev.howdah.plugin.Hooks;
import dev.howdah.plugin.Plugin;
import dev.howdah.plugin.PluginException;
import dev.howdah.plugin.PluginMetadata;
import dev.howdah.plugin.lifecycle.LifecycleContext;
import dev.howdah.plugin.lifecycle.LifecycleOperation;
import dev.howdah.plugin.wal.WalArchiveRequest;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes each mistake that the test kit looks for. */
public final class WrongPlugin implements Plugin {

  private final AtomicInteger calls = new AtomicInteger();

  @Override
  public PluginMetadata metadata() {
    return PluginMetadata.of(WrongPlugin.class).description("Makes mistakes.").build();
  }

  @Override
  public void register(Hooks hooks) {
    hooks.onCreate(Secret.class, this::counts);
    hooks.onCreate(ConfigMap.class, this::appends);
    hooks.onCreate(Pod.class, this::changesOnlyAtCreate);
    hooks.archiveWal(this::archivesOnce);
    hooks.preReconcileCluster(
        context -> {
          throw new PluginException(
              PluginException.Kind.INTERNAL, "attempt " + calls.incrementAndGet());
        });
  }

  private Secret counts(Secret secret, LifecycleContext context) {
    return new SecretBuilder(secret)
        .editMetadata()
        .addToLabels("call", String.valueOf(calls.incrementAndGet()))
        .endMetadata()
        .build();
  }

  private ConfigMap appends(ConfigMap map, LifecycleContext context) {
    String before = map.getMetadata().getAnnotations().getOrDefault("seen", "");
    return new ConfigMapBuilder(map)
        .editMetadata()
        .addToAnnotations("seen", before + "x")
        .endMetadata()
        .build();
  }

  private Pod changesOnlyAtCreate(Pod pod, LifecycleContext context) {
    return context.operation() == LifecycleOperation.CREATE
        ? new PodBuilder(pod).editSpec().withNodeName("here").endSpec().build()
        : pod;
  }

  private void archivesOnce(WalArchiveRequest request, HookContext context) {
    if (calls.getAndIncrement() % 2 == 1) {
      throw new PluginException(PluginException.Kind.PRECONDITION, "It is there already.");
    }
  }
}
