package dev.howdah.host.discovery;

import dev.howdah.host.call.FatalErrors;
import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginThreads;
import dev.howdah.plugin.Readiness;
import dev.howdah.plugin.ReadinessHook;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks plugins every few seconds whether they can work, so that {@code Identity.Probe}, which comes
 * with every loop of the operator, is answered without running their code. A plugin that doesn't
 * answer is not ready.
 */
public final class ReadinessWatch {

  private final PluginCatalog catalog;
  private final ScheduledExecutorService timer;
  private final Duration interval;
  private final FatalErrors fatalErrors;
  private final Map<PluginHandle, Long> asked = new ConcurrentHashMap<>();
  private volatile @Nullable ScheduledFuture<?> schedule;

  /**
   * Prepares.
   *
   * @param catalog the plugins
   * @param timer runs the watch; does no plugin's work
   * @param interval how often
   * @param fatalErrors is told of errors after which the process can't go on
   */
  public ReadinessWatch(
      PluginCatalog catalog,
      ScheduledExecutorService timer,
      Duration interval,
      FatalErrors fatalErrors) {
    this.catalog = catalog;
    this.timer = timer;
    this.interval = interval;
    this.fatalErrors = fatalErrors;
  }

  /** Begins to ask. */
  public void start() {
    schedule =
        timer.scheduleWithFixedDelay(this::askAll, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Stops asking. */
  public void stop() {
    ScheduledFuture<?> running = schedule;
    if (running != null) {
      running.cancel(false);
    }
  }

  private void askAll() {
    for (PluginHandle handle : catalog.all()) {
      Optional<HostedPlugin> plugin = handle.serving();
      if (plugin.isPresent() && plugin.get().hooks().readiness().isPresent()) {
        ask(handle, plugin.get().threads(), plugin.get().hooks().readiness().get());
      }
    }
  }

  private void ask(PluginHandle handle, PluginThreads threads, ReadinessHook hook) {
    long now = System.nanoTime();
    Long since = asked.putIfAbsent(handle, now);
    if (since != null) {
      if (now - since >= 2 * interval.toNanos()) {
        handle.readiness(Optional.of("it doesn't answer whether it is ready."));
      }
      return;
    }
    threads.check(
        () -> {
          try {
            handle.readiness(
                switch (hook.check()) {
                  case Readiness.Ready ready -> Optional.empty();
                  case Readiness.NotReady not -> Optional.of(not.reason());
                });
          } catch (Throwable thrown) {
            if (FatalErrors.isFatal(thrown)) {
              fatalErrors.fatal(thrown);
            }
            handle.readiness(Optional.of("its readiness check failed."));
          } finally {
            asked.remove(handle);
          }
        });
  }
}
