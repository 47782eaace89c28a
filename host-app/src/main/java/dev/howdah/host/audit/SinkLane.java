package dev.howdah.host.audit;

import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of lines to one sink besides the file: a bounded queue and a thread of its own, so that a
 * slow sink holds up nothing else unless its policy says so. Thread-safe.
 */
final class SinkLane implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(SinkLane.class);

  /** Brings lines to where they belong. */
  interface Delivery {
    /**
     * Delivers a batch.
     *
     * @throws IOException if it wasn't taken and trying again is of no use
     * @throws InterruptedException if the host stops
     */
    void deliver(List<byte[]> lines) throws IOException, InterruptedException;
  }

  private record Waiting(byte[] line, long since) {}

  private final String name;
  private final AuditSettings.SinkQueue settings;
  private final Delivery delivery;
  private final int batchLines;
  private final Duration linger;
  private final SinkMeter meter;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final Thread thread;
  private boolean closed;
  private long deliveringSince;

  SinkLane(
      String name,
      AuditSettings.SinkQueue settings,
      int batchLines,
      Duration linger,
      Delivery delivery,
      MeterRegistry registry) {
    this.name = name;
    this.settings = settings;
    // A batch longer than the queue would never fill.
    this.batchLines = Math.min(batchLines, settings.capacity());
    this.linger = linger;
    this.delivery = delivery;
    this.meter = new SinkMeter(registry, name, this::lagNanos);
    this.thread = Thread.ofPlatform().name("audit-" + name).daemon().unstarted(this::run);
  }

  SinkLane start() {
    thread.start();
    return this;
  }

  String name() {
    return name;
  }

  /** Whether its thread waits for the first line to come. */
  boolean idle() {
    lock.lock();
    try {
      return waiting.isEmpty() && deliveringSince == 0 && lock.hasWaiters(changed);
    } finally {
      lock.unlock();
    }
  }

  SinkHealth health() {
    return meter.health();
  }

  /** Notes a failed attempt that will be repeated. */
  void trouble(String problem) {
    meter.trouble(problem);
  }

  /** Hands lines over; waits for room if the policy is to block. */
  void accept(List<byte[]> lines) throws InterruptedException {
    lock.lock();
    try {
      int dropped = 0;
      for (byte[] line : lines) {
        while (waiting.size() >= settings.capacity()
            && settings.policy() == AuditSettings.OverflowPolicy.BLOCK
            && !closed) {
          // What has been added so far has to leave before there is room for the rest.
          changed.signalAll();
          changed.await();
        }
        if (waiting.size() >= settings.capacity()) {
          dropped++;
        } else {
          waiting.add(new Waiting(line, System.nanoTime()));
        }
      }
      if (dropped > 0) {
        meter.dropped(dropped);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    try {
      List<byte[]> batch;
      while (!(batch = take()).isEmpty()) {
        deliver(batch);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void deliver(List<byte[]> batch) throws InterruptedException {
    try {
      delivery.deliver(batch);
      meter.written(batch.size());
    } catch (IOException e) {
      meter.failed(batch.size(), String.valueOf(e.getMessage()));
      log.atError()
          .addKeyValue("sink", name)
          .addKeyValue("lines", batch.size())
          .setCause(e)
          .log("An audit sink didn't take its lines; they are lost to it");
    } finally {
      lock.lock();
      try {
        deliveringSince = 0;
      } finally {
        lock.unlock();
      }
    }
  }

  private List<byte[]> take() throws InterruptedException {
    lock.lock();
    try {
      while (waiting.isEmpty() && !closed) {
        changed.await();
      }
      long left = linger.toNanos();
      while (waiting.size() < batchLines && !closed && left > 0) {
        left = changed.awaitNanos(left);
      }
      List<byte[]> batch = new ArrayList<>();
      Waiting first = waiting.peek();
      deliveringSince = first == null ? 0 : first.since();
      while (batch.size() < batchLines && !waiting.isEmpty()) {
        batch.add(waiting.remove().line());
      }
      changed.signalAll();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private long lagNanos() {
    lock.lock();
    try {
      Waiting first = waiting.peek();
      long since = deliveringSince != 0 ? deliveringSince : first == null ? 0 : first.since();
      return since == 0 ? 0 : Math.max(0, System.nanoTime() - since);
    } finally {
      lock.unlock();
    }
  }

  /** Takes no more and delivers what waits; see {@link #finish(Duration)}. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all is delivered, then gives up and counts the rest as dropped. */
  void finish(Duration patience) throws InterruptedException {
    close();
    if (!thread.join(patience)) {
      thread.interrupt();
      lock.lock();
      try {
        meter.dropped(waiting.size());
        waiting.clear();
      } finally {
        lock.unlock();
      }
    }
  }
}
