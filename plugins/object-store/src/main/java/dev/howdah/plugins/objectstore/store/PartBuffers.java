package dev.howdah.plugins.objectstore.store;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * A fixed number of buffers of a fixed size: the memory that uploads may take, and so the reason
 * why a slow store slows its writers down instead of filling the heap. Thread-safe.
 */
public final class PartBuffers {

  // WAL and a base backup take one each. The rest is for codecs, the host and the other plugins,
  // which need half of the sidecar's heap alone.
  private static final int SHARES_OF_HEAP = 6;

  private final int partSize;
  private final Semaphore available;
  private final BlockingQueue<byte[]> used;

  /** Bytes that all buffers for one purpose may take together, by the heap that there is. */
  public static long affordable() {
    return Runtime.getRuntime().maxMemory() / SHARES_OF_HEAP;
  }

  /**
   * Makes the buffers; memory is taken when a buffer is first needed.
   *
   * @param count how many there are
   * @param partSize size of each in bytes
   */
  public PartBuffers(int count, int partSize) {
    this.partSize = partSize;
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
