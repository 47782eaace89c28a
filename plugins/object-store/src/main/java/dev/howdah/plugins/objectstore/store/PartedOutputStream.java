package dev.howdah.plugins.objectstore.store;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Stores what is written to it as one object of unknown size: in one go if it fits into one buffer,
 * else in parts that are sent while more is written.
 *
 * <p>The object appears with {@link #complete()}; {@link #close()} without that leaves nothing
 * behind. For one thread; the executor's threads send the parts.
 */
public final class PartedOutputStream extends OutputStream {

  private final Store store;
  private final String key;
  private final WriteOptions options;
  private final PartBuffers buffers;
  private final Executor executor;
  private final List<CompletableFuture<Void>> sent = new ArrayList<>();
  private final AtomicReference<@Nullable StoreException> failure = new AtomicReference<>();
  private byte @Nullable [] buffer;
  private int filled;
  private long written;
  private @Nullable Upload upload;
  private boolean completed;

  /**
   * Begins an object.
   *
   * @param store where it goes
   * @param key its key
   * @param options how to store it
   * @param buffers memory for it, possibly shared with other objects that are written meanwhile
   * @param executor sends parts; {@code Runnable::run} sends them in the writing thread
   */
  public PartedOutputStream(
      Store store, String key, WriteOptions options, PartBuffers buffers, Executor executor) {
    this.store = store;
    this.key = key;
    this.options = options;
    this.buffers = buffers;
    this.executor = executor;
  }

  /** Bytes written so far. */
  public long written() {
    return written;
  }

  @Override
  public void write(int value) throws StoreException {
    write(new byte[] {(byte) value}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws StoreException {
    int from = offset;
    int left = length;
    while (left > 0) {
      if (buffer != null && filled == buffers.partSize()) {
        send();
      }
      byte[] target = buffer();
      int count = Math.min(left, buffers.partSize() - filled);
      System.arraycopy(bytes, from, target, filled, count);
      filled += count;
      from += count;
      left -= count;
      written += count;
    }
  }

  private byte[] buffer() throws StoreException {
    byte[] current = buffer;
    if (current == null) {
      current = buffers.take();
      buffer = current;
      filled = 0;
    }
    return current;
  }

  private void send() throws StoreException {
    throwFailure();
    byte[] part = buffer();
    int length = filled;
    Upload target = upload;
    if (target == null) {
      target = store.upload(key, buffers.partSize(), options);
      upload = target;
    }
    Upload to = target;
    int number = sent.size() + 1;
    if (number > store.partLimits().count()) {
      throw new StoreException(
          StoreException.Kind.MISCONFIGURED,
          "%s takes at most %d parts of an object; use larger parts or split archives earlier"
              .formatted(store.location(), store.partLimits().count()),
          null);
    }
    buffer = null;
    sent.add(
        CompletableFuture.runAsync(
            () -> {
              try {
                if (failure.get() == null) {
                  to.part(number, part, length);
                }
              } catch (StoreException e) {
                failure.compareAndSet(null, e);
              } finally {
                buffers.giveBack(part);
              }
            },
            executor));
  }

  /**
   * Waits until all is stored and makes the object visible.
   *
   * @throws StoreException of kind {@code EXISTS} if there is one already and the options forbid to
   *     replace it
   */
  public void complete() throws StoreException {
    if (upload == null) {
      byte[] all = buffer();
      store.put(key, Content.of(all, filled), options);
    } else {
      if (buffer != null) {
        send();
      }
      awaitParts();
      throwFailure();
      upload.complete();
    }
    completed = true;
    releaseBuffer();
  }

  private void awaitParts() throws StoreException {
    try {
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).join();
    } catch (CompletionException | CancellationException e) {
      throw new StoreException(
          StoreException.Kind.UNAVAILABLE, "a part of %s was not sent".formatted(key), e);
    }
  }

  private void throwFailure() throws StoreException {
    StoreException first = failure.get();
    if (first != null) {
      throw new StoreException(first.kind(), String.valueOf(first.getMessage()), first);
    }
  }

  private void releaseBuffer() {
    byte[] current = buffer;
    buffer = null;
    if (current != null) {
      buffers.giveBack(current);
    }
  }

  @Override
  public void close() throws StoreException {
    releaseBuffer();
    Upload unfinished = upload;
    if (completed || unfinished == null) {
      return;
    }
    completed = true;
    failure.compareAndSet(
        null, new StoreException(StoreException.Kind.INTERRUPTED, "the upload was given up", null));
    // An abort while a part is on its way may leave that part behind.
    boolean interrupted = Thread.interrupted();
    try {
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new))
          .exceptionally(e -> null)
          .join();
      unfinished.abort();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
