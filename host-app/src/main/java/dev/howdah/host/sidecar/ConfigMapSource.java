package dev.howdah.host.sidecar;

import dev.howdah.host.config.SidecarSettings;
import dev.howdah.host.kubernetes.KubernetesApi;
import dev.howdah.plugin.PluginException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settings in a ConfigMap that every replica watches. As with a file, one that becomes unusable, or
 * is deleted, leaves the last good settings in use.
 */
final class ConfigMapSource implements SidecarSource, AutoCloseable {

  /** Where in the ConfigMap the settings are. */
  static final String KEY = "sidecar.yaml";

  private static final Logger LOG = LoggerFactory.getLogger(ConfigMapSource.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final KubernetesApi api;
  private final String name;
  private final CheckedSettings reader;
  private final CountDownLatch seen = new CountDownLatch(1);
  private volatile @Nullable SidecarSettings good;
  private volatile String problem = "the ConfigMap hasn't been seen";
  private @Nullable SharedIndexInformer<ConfigMap> informer;
  private long patienceEnds;

  ConfigMapSource(KubernetesApi api, String name, CheckedSettings reader) {
    this.api = api;
    this.name = name;
    this.reader = reader;
  }

  @Override
  public Optional<SidecarSettings> settings() {
    if (good == null) {
      awaitFirst(watch());
    }
    SidecarSettings settings = good;
    if (settings == null) {
      throw new PluginException(
          PluginException.Kind.UNAVAILABLE,
          "the sidecar's settings can't be used: %s".formatted(problem));
    }
    return Optional.of(settings);
  }

  /**
   * Begins to watch, the first time.
   *
   * @return until when to wait for what comes first, in the time of {@link System#nanoTime()}
   */
  private synchronized long watch() {
    if (informer != null) {
      return patienceEnds;
    }
    KubernetesClient client =
        api.client()
            .orElseThrow(
                () ->
                    new PluginException(
                        PluginException.Kind.UNAVAILABLE,
                        "the sidecar's settings are in a ConfigMap, and there is no Kubernetes"
                            + " API"));
    SharedIndexInformer<ConfigMap> watching =
        client
            .configMaps()
            .inNamespace(api.place().namespace())
            .withName(name)
            .runnableInformer(0)
            .addEventHandler(new Handler())
            .exceptionHandler((started, thrown) -> true);
    informer = watching;
    patienceEnds = System.nanoTime() + PATIENCE.toNanos();
    var unused = watching.start();
    return patienceEnds;
  }

  private void awaitFirst(long end) {
    long patience = end - System.nanoTime();
    if (patience <= 0) {
      return;
    }
    try {
      if (!seen.await(patience, TimeUnit.NANOSECONDS)) {
        LOG.atWarn()
            .addKeyValue("configMap", name)
            .addKeyValue("namespace", api.place().namespace())
            .log("The sidecar's settings aren't there yet; Pods and Jobs wait for them");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Handler implements ResourceEventHandler<ConfigMap> {

    @Override
    public void onAdd(ConfigMap configMap) {
      read(configMap);
    }

    @Override
    public void onUpdate(ConfigMap before, ConfigMap configMap) {
      read(configMap);
    }

    @Override
    public void onDelete(ConfigMap configMap, boolean finalStateUnknown) {
      refused("The ConfigMap was deleted.", null);
    }
  }

  private void read(ConfigMap configMap) {
    Map<String, String> data = configMap.getData();
    String text = data == null ? null : data.get(KEY);
    if (text == null) {
      refused("The ConfigMap has no key %s.".formatted(KEY), null);
    } else {
      try {
        good = reader.read(text);
        LOG.atInfo()
            .addKeyValue("configMap", name)
            .addKeyValue("version", configMap.getMetadata().getResourceVersion())
            .log("The sidecar's settings were read");
      } catch (IllegalArgumentException e) {
        refused(String.valueOf(e.getMessage()), e);
      }
    }
    seen.countDown();
  }

  private void refused(String reason, @Nullable Exception cause) {
    problem = reason;
    LOG.atError()
        .addKeyValue("configMap", name)
        .addKeyValue("kept", good != null)
        .setCause(cause)
        .log("The sidecar's settings can't be used: {}", reason);
  }

  @Override
  public synchronized void close() {
    if (informer != null) {
      informer.stop();
    }
  }
}
