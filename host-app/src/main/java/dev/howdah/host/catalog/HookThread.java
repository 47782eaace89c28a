package dev.howdah.host.catalog;

import java.util.Set;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A thread of a plugin. It tells how much processor time its task has used, and can lose its
 * priority until its end: without privileges no thread gets back what it gave up, and its children
 * inherit it.
 */
final class HookThread extends Thread {

  /** Ends a thread that lost its priority. */
  static final class Retired extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Retired() {
      super("This thread has lost its priority; others do the work.", null, false, false);
    }
  }

  private final Set<HookThread> alive;
  private volatile @Nullable Integer nativeId;

  /** Odd while a task runs; written by this thread only. */
  private volatile long turns;

  private volatile boolean patient;
  private volatile boolean demoted;

  // The watcher's own.
  private long watchedTurn;
  private long processorTimeBefore;

  HookThread(Runnable task, String name, Set<HookThread> alive) {
    super(task, name);
    this.alive = alive;
    // A hook that never returns must not keep the process alive.
    setDaemon(true);
    UncaughtExceptionHandler others = getUncaughtExceptionHandler();
    setUncaughtExceptionHandler(
        (thread, thrown) -> {
          if (!(thrown instanceof Retired)) {
            others.uncaughtException(thread, thrown);
          }
        });
  }

  /** Whether the current thread is one that has lost its priority. */
  static boolean currentIsDemoted() {
    return Thread.currentThread() instanceof HookThread thread && thread.demoted;
  }

  /** The current thread's task is one that may use the processor for long. */
  static void currentMayTakeLong() {
    if (Thread.currentThread() instanceof HookThread thread) {
      thread.patient = true;
    }
  }

  @Override
  public void run() {
    try {
      nativeId = ThreadPriority.currentId();
      super.run();
    } finally {
      alive.remove(this);
    }
  }

  @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
  void taskBegins() {
    patient = false;
    turns++;
  }

  @SuppressWarnings("NonAtomicOperationOnVolatileField") // one writer
  void taskEnded() {
    turns++;
  }

  /**
   * Takes the priority away if the present task has used too much; for one watcher only.
   *
   * @param limit nanoseconds of processor time
   * @param used the thread's processor time so far, in nanoseconds, asked only if needed
   * @return whether it lost its priority now
   */
  boolean demoteAfter(long limit, ToLongFunction<Thread> used) {
    long turn = turns;
    if (demoted || patient || (turn & 1) == 0) {
      return false;
    }
    long now = used.applyAsLong(this);
    if (turn != watchedTurn) {
      watchedTurn = turn;
      processorTimeBefore = now;
      return false;
    }
    Integer id = nativeId;
    if (now - processorTimeBefore < limit || id == null || !ThreadPriority.toLowest(id)) {
      return false;
    }
    demoted = true;
    return true;
  }
}
