package dev.howdah.host.call;

import dev.howdah.host.catalog.HostedPlugin;
import dev.howdah.host.catalog.PluginCatalog;
import dev.howdah.host.catalog.PluginHandle;
import dev.howdah.host.catalog.PluginThreads;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/**
 * Looks after hooks that use the processor for longer than any answer to the operator needs, most
 * of them for ever: they go on, at the lowest priority, so that the others' calls come first.
 * Nothing can end a thread in Java. WAL, backup and restore may use as much as they like.
 */
public final class RunawayHooks implements SmartLifecycle {

  private static final Logger LOG = LoggerFactory.getLogger(RunawayHooks.class);

  /** A hook's answer takes milliseconds. */
  private static final Duration LIMIT = Duration.ofMillis(250);

  /**
   * A plugin's first hooks load its classes, without an AOT cache and on a slow processor for some
   * tenths of a second. At the lowest priority, on a machine that others keep busy, they would not
   * come to an end in time.
   */
  private static final Duration COLD_LIMIT = Duration.ofSeconds(1);

  private static final int COLD_HOOKS = 10;

  private static final Duration INTERVAL = Duration.ofMillis(100);

  private final PluginCatalog catalog;
  private final ThreadMXBean times = ManagementFactory.getThreadMXBean();
  private volatile @Nullable ScheduledExecutorService watcher;

  /**
   * Prepares it.
   *
   * @param catalog the plugins to look after
   */
  public RunawayHooks(PluginCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public void start() {
    if (!times.isThreadCpuTimeSupported()) {
      return;
    }
    ScheduledExecutorService now =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("howdah-runaways").daemon().factory());
    var unused =
        now.scheduleWithFixedDelay(
            this::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
    watcher = now;
  }

  private void look() {
    for (PluginHandle handle : catalog.all()) {
      Optional<PluginThreads> hosted = handle.hosted().map(HostedPlugin::threads);
      if (hosted.isEmpty()) {
        continue;
      }
      PluginThreads threads = hosted.get();
      Duration limit = threads.ended() < COLD_HOOKS ? COLD_LIMIT : LIMIT;
      int demoted = threads.calm(limit, thread -> times.getThreadCpuTime(thread.threadId()));
      if (demoted > 0) {
        LOG.atWarn()
            .addKeyValue("plugin", handle.name())
            .addKeyValue("hooks", demoted)
            .addKeyValue("limit", limit)
            .log("Hooks used too much processor time; they go on at the lowest priority");
      }
    }
  }

  @Override
  public void stop() {
    ScheduledExecutorService running = watcher;
    watcher = null;
    if (running != null) {
      running.shutdownNow();
    }
  }

  @Override
  public boolean isRunning() {
    return watcher != null;
  }
}
