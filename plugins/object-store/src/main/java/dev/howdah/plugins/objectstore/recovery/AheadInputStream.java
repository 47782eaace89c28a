package dev.howdah.plugins.objectstore.recovery;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Has a stream read by a thread of its own, some buffers ahead, so that waiting for a store,
 * decompressing and writing to a disk go on at the same time. For one thread.
 *
 * <p>The stream stays its owner's, who may read on from it after {@link #close()}, where the thread
 * had come to. That, and a reader's interrupt that isn't lost, is why it isn't Commons IO's {@code
 * ReadAheadInputStream}, which closes what it reads and clears the interrupt: a restore that was
 * given up would read the archive to its end.
 */
final class AheadInputStream extends InputStream {

  private static final int BUFFERS = 4;
  private static final int BUFFER = 64 * 1024;

  private final BlockingQueue<byte[]> empty = new ArrayBlockingQueue<>(BUFFERS);
  // One more, so that there is always room for how it ended.
  private final BlockingQueue<Next> filled = new ArrayBlockingQueue<>(BUFFERS + 1);
  private final Thread reader;
  private @Nullable Filled current;
  private int position;
  private @Nullable Ended end;

  private sealed interface Next {}

  private record Filled(byte[] bytes, int length) implements Next {}

  private record Ended(Optional<Exception> failure) implements Next {}

  /** Begins to read a stream; the thread gets a name that begins like this. */
  AheadInputStream(InputStream in, String threadName) {
    for (int i = 0; i < BUFFERS; i++) {
      empty.add(new byte[BUFFER]);
    }
    reader =
        Thread.ofPlatform()
            .daemon()
            .name(threadName)
            .start(() -> filled.add(new Ended(readAll(in))));
  }

  private Optional<Exception> readAll(InputStream in) {
    try {
      while (true) {
        byte[] buffer = empty.take();
        int length = in.readNBytes(buffer, 0, buffer.length);
        filled.add(new Filled(buffer, length));
        if (length < buffer.length) {
          return Optional.empty();
        }
      }
    } catch (InterruptedException e) {
      return Optional.of(new IOException("reading was given up", e));
    } catch (IOException | RuntimeException e) {
      return Optional.of(e);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    Filled from = current();
    if (from == null) {
      return -1;
    }
    int count = Math.min(length, from.length() - position);
    System.arraycopy(from.bytes(), position, bytes, offset, count);
    position += count;
    return count;
  }

  private @Nullable Filled current() throws IOException {
    while (end == null) {
      Filled now = current;
      if (now != null && position < now.length()) {
        return now;
      }
      if (now != null) {
        current = null;
        empty.add(now.bytes());
      }
      switch (take()) {
        case Filled next -> {
          current = next;
          position = 0;
        }
        case Ended ended -> end = ended;
      }
    }
    if (end.failure().isPresent()) {
      switch (end.failure().get()) {
        case IOException failure -> throw failure;
        case RuntimeException failure -> throw failure;
        case Exception other -> throw new IOException("reading was given up", other);
      }
    }
    return null;
  }

  private Next take() throws IOException {
    try {
      return filled.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("reading was given up", e);
    }
  }

  /** Gives up what wasn't read yet and waits until the thread has left the stream alone. */
  @Override
  public void close() {
    end = new Ended(Optional.empty());
    current = null;
    reader.interrupt();
    boolean interrupted = false;
    while (reader.isAlive()) {
      try {
        reader.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
