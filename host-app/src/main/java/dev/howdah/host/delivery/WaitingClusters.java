package dev.howdah.host.delivery;

import dev.howdah.plugin.cluster.Cluster;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Clusters that somebody should look at, one after the other on a thread of their own. One that is
 * offered again while it waits is looked at once, as it was offered last. Thread-safe.
 */
final class WaitingClusters implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WaitingClusters.class);
  private static final int MOST = 1_000;

  private final Consumer<Cluster> look;
  private final ExecutorService worker;
  private final Map<String, Cluster> waiting = new LinkedHashMap<>();
  private boolean busy;

  /**
   * Makes an empty one.
   *
   * @param look looks at one Cluster
   */
  WaitingClusters(Consumer<Cluster> look) {
    this.look = look;
    ThreadPoolExecutor one =
        new ThreadPoolExecutor(
            1,
            1,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            Thread.ofPlatform().name("howdah-delivery").daemon().factory());
    one.allowCoreThreadTimeOut(true);
    this.worker = one;
  }

  /** Has a Cluster looked at, some time later; leaves it to others if too many wait. */
  void add(Cluster cluster) {
    synchronized (waiting) {
      if (waiting.size() >= MOST && !waiting.containsKey(cluster.qualifiedName())) {
        return;
      }
      if (waiting.put(cluster.qualifiedName(), cluster) != null) {
        return;
      }
    }
    worker.execute(this::next);
  }

  /** How many wait or are being looked at. */
  int size() {
    synchronized (waiting) {
      return waiting.size() + (busy ? 1 : 0);
    }
  }

  private void next() {
    Cluster cluster;
    synchronized (waiting) {
      Iterator<Cluster> clusters = waiting.values().iterator();
      cluster = clusters.next();
      clusters.remove();
      busy = true;
    }
    try {
      look.accept(cluster);
    } catch (RuntimeException e) {
      LOG.atWarn()
          .addKeyValue("cluster", cluster.qualifiedName())
          .setCause(e)
          .log("Desired parameters could not be looked at");
    } finally {
      synchronized (waiting) {
        busy = false;
      }
    }
  }

  @Override
  public void close() {
    worker.shutdownNow();
  }
}
