package dev.howdah.plugins.objectstore.store;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Tells how much is read from another stream, as it is read, in pieces so small that nobody waits
 * long to hear of one. For one thread.
 */
public final class MeteredInputStream extends FilterInputStream {

  private static final int PIECE = 64 << 10;

  private final Listener listener;

  /** Hears of what is read. */
  @FunctionalInterface
  public interface Listener {
    /**
     * Some bytes were read. May take its time, and so slow the reader down.
     *
     * @throws IOException to end the reading
     */
    void read(int bytes) throws IOException;
  }

  /** Wraps a stream, which is closed with this one. */
  public MeteredInputStream(InputStream in, Listener listener) {
    super(in);
    this.listener = listener;
  }

  @Override
  public int read() throws IOException {
    int read = in.read();
    if (read >= 0) {
      listener.read(1);
    }
    return read;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = in.read(bytes, offset, Math.min(length, PIECE));
    if (read > 0) {
      listener.read(read);
    }
    return read;
  }
}
