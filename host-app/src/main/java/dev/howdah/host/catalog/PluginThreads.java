package dev.howdah.host.catalog;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One plugin's own threads: its bulkhead. Platform threads, since these share the processors fairly
 * even when a hook spins; bounded, so that a plugin that floods, sleeps or spins takes nothing from
 * the others. A task that uses the processor for too long goes on at the lowest priority, and its
 * thread ends with it. Thread-safe.
 */
public final class PluginThreads implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(PluginThreads.class);
  private static final int CANCELLATIONS = 256;
  private static final Duration IDLE = Duration.ofSeconds(30);

  private final ThreadPoolExecutor hooks;
  private final ThreadPoolExecutor observers;
  private final ThreadPoolExecutor checks;
  private final ThreadPoolExecutor cancellations;
  private final AtomicInteger stuck = new AtomicInteger();
  private final LongAdder droppedObservations = new LongAdder();
  private final LongAdder demotions = new LongAdder();
  private final Set<HookThread> alive = ConcurrentHashMap.newKeySet();

  /**
   * Makes the threads; none is started before it is needed.
   *
   * @param pluginId the plugin's id, for the threads' names
   * @param threads hooks that run at a time
   * @param queue hooks that wait at a time
   * @param observations observations that wait at a time
   * @param classLoader the plugin's class loader, the threads' context class loader
   */
  public PluginThreads(
      String pluginId, int threads, int queue, int observations, ClassLoader classLoader) {
    this.hooks = pool("howdah-" + pluginId + "-", threads, queue, classLoader);
    this.observers = pool("howdah-" + pluginId + "-observer-", 1, observations, classLoader);
    this.checks = pool("howdah-" + pluginId + "-check-", 1, 1, classLoader);
    this.cancellations = pool("howdah-" + pluginId + "-cancel-", 1, CANCELLATIONS, classLoader);
  }

  private ThreadPoolExecutor pool(String prefix, int threads, int queue, ClassLoader classLoader) {
    AtomicInteger count = new AtomicInteger();
    ThreadFactory factory =
        task -> {
          if (HookThread.currentIsDemoted()) {
            // It would inherit the priority; calm() makes another.
            return null;
          }
          HookThread thread = new HookThread(task, prefix + count.incrementAndGet(), alive);
          alive.add(thread);
          thread.setContextClassLoader(classLoader);
          return thread;
        };
    BlockingQueue<Runnable> waiting =
        queue == 0 ? new SynchronousQueue<>() : new ArrayBlockingQueue<>(queue);
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads, threads, IDLE.toSeconds(), TimeUnit.SECONDS, waiting, factory) {
          @Override
          protected void beforeExecute(Thread thread, Runnable task) {
            // An earlier hook may have put another in its place.
            thread.setContextClassLoader(classLoader);
            ((HookThread) thread).taskBegins();
          }

          @Override
          protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
            ((HookThread) Thread.currentThread()).taskEnded();
            if (HookThread.currentIsDemoted()) {
              throw new HookThread.Retired();
            }
          }
        };
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * Runs a hook.
   *
   * @param task the work; {@link Future#cancel(boolean)} interrupts it
   * @throws RejectedExecutionException if as many run and wait as may, or the plugin is stopping
   */
  public Future<?> run(Runnable task) {
    FutureTask<?> future = new FutureTask<>(task, null);
    hooks.execute(future);
    return future;
  }

  /** Takes a hook that hasn't begun out of the queue, so that its place is free again. */
  public void forget(Future<?> future) {
    if (future instanceof Runnable task) {
      hooks.remove(task);
    }
  }

  /**
   * Runs an observer, in order and on a thread of its own; drops and counts it if too many wait.
   */
  public void observe(Runnable task) {
    try {
      observers.execute(task);
    } catch (RejectedExecutionException e) {
      droppedObservations.increment();
    }
  }

  /**
   * Asks for readiness, on a thread of its own: no observer and no hook keeps a plugin from being
   * asked.
   */
  public void check(Runnable task) {
    try {
      checks.execute(task);
    } catch (RejectedExecutionException e) {
      LOG.atDebug().setCause(e).log("A readiness check was left out: the last one still runs");
    }
  }

  /**
   * Runs what a hook registered for its cancellation, on a thread of the plugin: whoever notices
   * that nobody waits any more has other plugins to look after.
   */
  public void cancelled(Runnable action) {
    try {
      cancellations.execute(
          () -> {
            try {
              action.run();
            } catch (RuntimeException e) {
              LOG.warn("A plugin's action on cancellation failed.", e);
            }
          });
    } catch (RejectedExecutionException e) {
      LOG.warn("A plugin's action on cancellation was left out: too many wait or it is stopping.");
    }
  }

  /** Hooks that run now. */
  public int running() {
    return hooks.getActiveCount();
  }

  /** Hooks that wait now. */
  public int waiting() {
    return hooks.getQueue().size();
  }

  /** Hooks that go on although nobody waits for their answer any more: they ignore interrupts. */
  public int stuck() {
    return stuck.get();
  }

  /** Observations that were dropped since the start, since too many waited. */
  public long droppedObservations() {
    return droppedObservations.sum();
  }

  /** Tasks that lost their priority since the start. */
  public long demotions() {
    return demotions.sum();
  }

  /** The current thread runs a hook that may use the processor for long, such as a backup. */
  public static void currentMayTakeLong() {
    HookThread.currentMayTakeLong();
  }

  /**
   * Takes the priority from tasks that use the processor for too long, so that other plugins get it
   * first. To be called again and again, always by the same thread.
   *
   * @param limit how much processor time a task may use
   * @param used a thread's processor time so far, in nanoseconds
   * @return how many lost it now
   */
  public int calm(Duration limit, ToLongFunction<Thread> used) {
    int demoted = 0;
    for (HookThread thread : alive) {
      if (thread.demoteAfter(limit.toNanos(), used)) {
        demoted++;
      }
    }
    demotions.add(demoted);
    for (ThreadPoolExecutor pool : List.of(hooks, observers, checks, cancellations)) {
      if (!pool.getQueue().isEmpty()) {
        // Those that ended with their tasks left nobody for what waits.
        boolean started = pool.prestartCoreThread();
      }
    }
    return demoted;
  }

  /** How many hooks have ended so far, about. */
  public long ended() {
    return hooks.getCompletedTaskCount();
  }

  /** Nobody waits any more for a hook that goes on. */
  public void gotStuck() {
    stuck.incrementAndGet();
  }

  /** Such a hook has ended after all. */
  public void cameBack() {
    stuck.decrementAndGet();
  }

  /**
   * Takes no more work and waits for what runs.
   *
   * @param patience how long to wait before interrupting what still runs
   * @return whether everything ended
   */
  public boolean stop(Duration patience) throws InterruptedException {
    hooks.shutdown();
    observers.shutdown();
    checks.shutdown();
    cancellations.shutdown();
    long end = System.nanoTime() + patience.toNanos();
    boolean hooksEnded =
        hooks.awaitTermination(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    boolean observersEnded =
        observers.awaitTermination(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
    close();
    return hooksEnded && observersEnded;
  }

  @Override
  public void close() {
    hooks.shutdownNow();
    observers.shutdownNow();
    checks.shutdownNow();
    cancellations.shutdownNow();
  }
}
