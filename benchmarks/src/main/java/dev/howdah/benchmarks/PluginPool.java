package dev.howdah.benchmarks;

import io.grpc.StatusRuntimeException;
import io.netty.handler.ssl.SslContext;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The operator's connections to one plugin: five at most, the one that was given back last is taken
 * first, each is probed whenever it is taken, and one that fails the probe is closed and another
 * taken, five times with growing pauses. Thread-safe.
 */
final class PluginPool {

  private static final int SIZE = 5;
  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final int PAUSE_FACTOR = 5;

  private final String plugin;
  private final InetSocketAddress address;
  private final SslContext tls;
  private final FleetTally tally;
  private final Semaphore slots = new Semaphore(SIZE, true);
  private final Deque<LoadedPlugin> idle = new ArrayDeque<>();
  private boolean closed;

  PluginPool(String plugin, InetSocketAddress address, SslContext tls, FleetTally tally) {
    this.plugin = plugin;
    this.address = address;
    this.tls = tls;
    this.tally = tally;
  }

  /**
   * Takes a connection that works.
   *
   * @param until the time by {@link System#nanoTime()} after which it is too late
   * @throws TimeoutException if it is
   * @throws StatusRuntimeException if no attempt gave one
   */
  LoadedPlugin acquire(long until) throws TimeoutException, InterruptedException {
    long pause = FIRST_PAUSE_MILLIS;
    for (int attempt = 0; ; attempt++) {
      try {
        LoadedPlugin connection = attempt(until);
        tally.acquired(attempt);
        return connection;
      } catch (StatusRuntimeException failed) {
        if (attempt == ATTEMPTS - 1) {
          tally.acquired(attempt);
          throw failed;
        }
      }
      TimeUnit.MILLISECONDS.sleep(pause);
      pause *= PAUSE_FACTOR;
    }
  }

  private LoadedPlugin attempt(long until) throws TimeoutException, InterruptedException {
    if (!slots.tryAcquire(until - System.nanoTime(), TimeUnit.NANOSECONDS)) {
      throw new TimeoutException(plugin + ": all connections are taken");
    }
    LoadedPlugin connection = null;
    boolean good = false;
    try {
      connection = takeIdle();
      if (connection == null) {
        connection = LoadedPlugin.load(plugin, Connections.tcp(address, tls, plugin), tally);
      }
      connection.probe();
      good = true;
      if (System.nanoTime() > until) {
        good = false;
        throw new TimeoutException(plugin + ": loading took too long");
      }
      return connection;
    } finally {
      if (!good) {
        if (connection != null) {
          connection.close();
        }
        slots.release();
      }
    }
  }

  private synchronized @Nullable LoadedPlugin takeIdle() {
    return idle.pollFirst();
  }

  /** Gives one back. */
  void release(LoadedPlugin connection) {
    synchronized (this) {
      if (closed) {
        connection.close();
      } else {
        idle.addFirst(connection);
      }
    }
    slots.release();
  }

  /** Closes what is idle now, and the others when they come back. */
  synchronized void close() {
    closed = true;
    idle.forEach(LoadedPlugin::close);
    idle.clear();
  }
}
