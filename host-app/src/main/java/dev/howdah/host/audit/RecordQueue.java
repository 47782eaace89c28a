package dev.howdah.host.audit;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Records on their way from callers to the writer, bounded in number and length. Thread-safe. */
final class RecordQueue {

  private final AuditSettings.Queue settings;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition notEmpty = lock.newCondition();
  private final Condition notFull = lock.newCondition();
  private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
  private long bytes;
  private boolean closed;

  RecordQueue(AuditSettings.Queue settings) {
    this.settings = settings;
  }

  /**
   * A record that waits to be written.
   *
   * @param body its own fields as a JSON object
   * @param key entries with the same key are the same
   * @param written completes when it is on disk; null if nobody waits
   * @param since {@link System#nanoTime()} when it was offered
   */
  record Pending(
      String body, Optional<String> key, @Nullable CompletableFuture<Void> written, long since) {}

  /** What became of an offered record. */
  enum Offer {
    /** It waits to be written. */
    TAKEN,
    /** The queue is full, and the policy is to drop. */
    FULL,
    /** The trail has been stopped, or the caller was interrupted while it waited. */
    REFUSED
  }

  Offer offer(Pending record) {
    lock.lock();
    try {
      while (!closed && full(record)) {
        if (settings.policy() == AuditSettings.OverflowPolicy.DROP) {
          return Offer.FULL;
        }
        notFull.await();
      }
      if (closed) {
        return Offer.REFUSED;
      }
      waiting.add(record);
      bytes += record.body().length();
      notEmpty.signal();
      return Offer.TAKEN;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Offer.REFUSED;
    } finally {
      lock.unlock();
    }
  }

  private boolean full(Pending record) {
    return waiting.size() >= settings.capacity()
        || (!waiting.isEmpty() && bytes + record.body().length() > settings.maxBytes());
  }

  /**
   * Takes what waits.
   *
   * @param most how many records at most
   * @param nanos how long to wait for the first
   * @return records in the order offered; empty if none came in time or the queue is closed
   */
  List<Pending> take(int most, long nanos) throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (waiting.isEmpty() && !closed && left > 0) {
        left = notEmpty.awaitNanos(left);
      }
      List<Pending> taken = new ArrayList<>();
      while (taken.size() < most && !waiting.isEmpty()) {
        Pending record = waiting.remove();
        bytes -= record.body().length();
        taken.add(record);
      }
      if (!taken.isEmpty()) {
        notFull.signalAll();
      }
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more; who waits to offer is refused, what waits is still taken. */
  void close() {
    lock.lock();
    try {
      closed = true;
      notEmpty.signalAll();
      notFull.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Whether nothing will ever come any more. */
  boolean finished() {
    lock.lock();
    try {
      return closed && waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  int size() {
    lock.lock();
    try {
      return waiting.size();
    } finally {
      lock.unlock();
    }
  }

  /** For how long the oldest record has waited, in nanoseconds. */
  long oldestNanos() {
    lock.lock();
    try {
      Pending oldest = waiting.peek();
      return oldest == null ? 0 : Math.max(0, System.nanoTime() - oldest.since());
    } finally {
      lock.unlock();
    }
  }
}
