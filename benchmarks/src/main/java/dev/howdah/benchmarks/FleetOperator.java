package dev.howdah.benchmarks;

import io.grpc.StatusRuntimeException;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The operator's Cluster controller as plugins know it: ten workers; a loop takes a connection to
 * each of the Cluster's plugins, all of them within a limit, and holds them until it ends; Pre,
 * EVALUATE of each instance's Pod, Post and SetStatusInCluster of each plugin in turn. A Cluster is
 * looked at once a minute, when a replica comes or goes, and 15 s after a failure.
 */
final class FleetOperator implements AutoCloseable {

  private static final int WORKERS = 10;
  private static final Duration EVERY = Duration.ofMinutes(1);
  private static final Duration AFTER_FAILURE = Duration.ofSeconds(15);
  private static final int STOP_SECONDS = 60;

  /** In the order in which the operator loads them: that of their names. */
  private final List<String> plugins;

  private final List<FleetClusters.Item> clusters;
  private final Duration loadLimit;
  private final FleetTally tally;
  private final WorkQueue<FleetClusters.Item> queue = new WorkQueue<>();
  private final AtomicInteger next = new AtomicInteger();
  private final ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private volatile List<PluginPool> pools = List.of();

  /**
   * Makes one that doesn't work yet.
   *
   * @param plugins names of the plugins, sorted
   * @param clusters what to look after
   * @param loadLimit how long loading a Cluster's plugins may take, 5 s in the real one
   * @param tally what it experiences
   */
  FleetOperator(
      List<String> plugins,
      List<FleetClusters.Item> clusters,
      Duration loadLimit,
      FleetTally tally) {
    this.plugins = plugins;
    this.clusters = clusters;
    this.loadLimit = loadLimit;
    this.tally = tally;
  }

  /**
   * Makes new pools, as the operator does when a Secret or Service of a plugin changes. It would
   * also fail to take connections while the old pools close; that isn't the plugins' doing, so here
   * nobody waits for it.
   */
  void register(InetSocketAddress address, SslContext tls) {
    List<PluginPool> old = pools;
    pools = plugins.stream().map(plugin -> new PluginPool(plugin, address, tls, tally)).toList();
    old.forEach(PluginPool::close);
  }

  void start() {
    for (int i = 0; i < WORKERS; i++) {
      workers.execute(this::work);
    }
    long period = EVERY.toNanos() / clusters.size();
    clock.scheduleAtFixedRate(
        () -> queue.add(clusters.get(next.getAndIncrement() % clusters.size())),
        0,
        period,
        TimeUnit.NANOSECONDS);
  }

  void enqueueAll() {
    clusters.forEach(queue::add);
  }

  private void work() {
    try {
      while (true) {
        FleetClusters.Item cluster = queue.take();
        try {
          if (!loop(cluster)) {
            clock.schedule(() -> queue.add(cluster), AFTER_FAILURE.toSeconds(), TimeUnit.SECONDS);
          }
        } finally {
          queue.done(cluster);
        }
      }
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private record Held(PluginPool pool, LoadedPlugin connection) {}

  private boolean loop(FleetClusters.Item cluster) throws InterruptedException {
    long begin = System.nanoTime();
    List<Held> held = new ArrayList<>();
    try {
      load(begin + loadLimit.toNanos(), held);
      tally.loaded(System.nanoTime() - begin);
      held.forEach(it -> it.connection().pre(cluster));
      held.forEach(it -> it.connection().evaluate(cluster));
      held.forEach(it -> it.connection().post(cluster));
      held.forEach(it -> it.connection().setStatus(cluster));
      tally.looped(System.nanoTime() - begin);
      return true;
    } catch (TimeoutException late) {
      tally.loadTimedOut(String.valueOf(late.getMessage()));
      return false;
    } catch (StatusRuntimeException failed) {
      tally.failed("%s: %s".formatted(cluster.name(), failed.getMessage()));
      return false;
    } finally {
      held.forEach(it -> it.pool().release(it.connection()));
    }
  }

  private void load(long until, List<Held> held) throws TimeoutException, InterruptedException {
    for (PluginPool pool : pools) {
      held.add(new Held(pool, pool.acquire(until)));
    }
  }

  /** Begins no loop any more and waits for those that run. */
  void stop() {
    clock.shutdownNow();
    queue.close();
    workers.shutdown();
    try {
      if (!workers.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        tally.failed("loops were still running a minute after the end");
      }
    } catch (InterruptedException stopped) {
      throw new IllegalStateException("Interrupted.", stopped);
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
    queue.close();
    workers.shutdownNow();
    pools.forEach(PluginPool::close);
  }
}
