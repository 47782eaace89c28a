package dev.howdah.plugins.objectstore.store;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * A fixed number of buffers of a fixed size: the memory that uploads may take, and so the reason
 * why a slow store slows its writers down instead of filling the heap. Thread-safe.
 */
public final class PartBuffers {

  private static final int SHARE_OF_HEAP = 6;

  private final int partSize;
  private final Semaphore available;
  private final BlockingQueue<byte[]> used;

  /**
   * Makes the buffers; memory is taken when a buffer is first needed. Where the heap is small there
   * are fewer, so that all of them fit into a sixth of it, but two if two are wanted: fewer parts
   * on their way at a time are slower, and no memory left is the end of the process.
   *
   * @param most how many there are at most
   * @param partSize size of each in bytes
   */
  public PartBuffers(int most, int partSize) {
    this.partSize = partSize;
    long fitting = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP / partSize;
    int count = (int) Math.min(most, Math.max(fitting, 2));
    this.available = new Semaphore(count);
    this.used = new ArrayBlockingQueue<>(count);
  }

  int partSize() {
    return partSize;
  }

  byte[] take() throws StoreException {
    try {
      available.acquire();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreException(
          StoreException.Kind.INTERRUPTED, "the upload was given up while it waited", e);
    }
    byte[] buffer = used.poll();
    return buffer == null ? new byte[partSize] : buffer;
  }

  void giveBack(byte[] buffer) {
    used.add(buffer);
    available.release();
  }
}
