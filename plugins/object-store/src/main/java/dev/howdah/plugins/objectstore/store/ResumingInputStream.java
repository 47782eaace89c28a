package dev.howdah.plugins.objectstore.store;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Reads an object to its end over as many connections as it takes: after a broken or too short one
 * it goes on where it was, and makes sure that it still reads the same version. Not thread-safe.
 */
public final class ResumingInputStream extends InputStream {

  private static final int ATTEMPTS_WITHOUT_PROGRESS = 5;

  private final Store store;
  private final StoredObject object;
  private @Nullable InputStream connection;
  private long position;
  private int attempts;
  private Backoff backoff = newBackoff();

  private ResumingInputStream(Store store, Download first) {
    this.store = store;
    this.object = first.object();
    this.connection = first.content();
  }

  /**
   * Opens an object.
   *
   * @throws StoreException of kind {@code NOT_FOUND} if there is no such object
   */
  public static ResumingInputStream open(Store store, String key) throws StoreException {
    return new ResumingInputStream(store, store.read(key, 0, null));
  }

  /** What is being read. */
  public StoredObject object() {
    return object;
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
    while (true) {
      if (position >= object.size()) {
        return -1;
      }
      try {
        int read = connection().read(bytes, offset, length);
        if (read > 0) {
          position += read;
          attempts = 0;
          return read;
        }
        throw new IOException("the connection ended before the object did");
      } catch (StoreException e) {
        if (!e.isTransient()) {
          throw e;
        }
        giveUpOrPause(e);
      } catch (IOException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw new StoreException(
              StoreException.Kind.INTERRUPTED, "reading was given up: " + object.key(), e);
        }
        giveUpOrPause(e);
      }
    }
  }

  private InputStream connection() throws StoreException {
    InputStream current = connection;
    if (current == null) {
      current = store.read(object.key(), position, object.version()).content();
      connection = current;
    }
    return current;
  }

  private void giveUpOrPause(IOException cause) throws StoreException {
    disconnect();
    attempts++;
    if (attempts == 1) {
      backoff = newBackoff();
    }
    if (attempts >= ATTEMPTS_WITHOUT_PROGRESS) {
      throw new StoreException(
          StoreException.Kind.UNAVAILABLE,
          "%s breaks off while %s is read".formatted(store.location(), object.key()),
          cause);
    }
    backoff.pause();
  }

  private void disconnect() {
    InputStream current = connection;
    connection = null;
    if (current != null) {
      try {
        current.close();
      } catch (IOException e) {
        // The connection is broken, which is why it is closed; the next one tells what matters.
        return;
      }
    }
  }

  private static Backoff newBackoff() {
    return new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5));
  }

  @Override
  public void close() {
    disconnect();
  }
}
