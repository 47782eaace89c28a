package dev.howdah.benchmarks;

import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What a controller's workers take from: an item waits at most once and is never in two workers'
 * hands; added meanwhile, it waits until the first is done with it. Thread-safe.
 */
final class WorkQueue<T> {

  private final Set<T> waiting = new LinkedHashSet<>();
  private final Set<T> taken = new HashSet<>();
  private final Set<T> again = new HashSet<>();
  private boolean closed;

  synchronized void add(T item) {
    if (taken.contains(item)) {
      again.add(item);
    } else if (waiting.add(item)) {
      notifyAll();
    }
  }

  /**
   * Waits for an item.
   *
   * @throws InterruptedException also when the queue is closed
   */
  synchronized T take() throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    if (closed) {
      throw new InterruptedException("closed");
    }
    Iterator<T> first = waiting.iterator();
    T item = first.next();
    first.remove();
    taken.add(item);
    return item;
  }

  synchronized void done(T item) {
    taken.remove(item);
    if (again.remove(item) && waiting.add(item)) {
      notifyAll();
    }
  }

  synchronized void close() {
    closed = true;
    notifyAll();
  }
}
