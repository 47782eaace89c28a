package dev.howdah.plugins.objectstore.wal;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Function;

/**
 * The decompressed content of a stored WAL file, whose failures are either the store's or say that
 * the stored file is damaged. So whoever copies it knows that any other failure is one of the place
 * that he copies it to. Not thread-safe.
 */
final class StoredWalInputStream extends InputStream {

  private final InputStream content;
  private final Function<IOException, PluginException> damage;

  private StoredWalInputStream(InputStream content, Function<IOException, PluginException> damage) {
    this.content = content;
    this.damage = damage;
  }

  /** Opens something. */
  interface Source {
    InputStream open() throws IOException;
  }

  /**
   * Opens it; what is read before the first byte may be damaged, too.
   *
   * @param damage what to throw for what isn't the store's doing
   */
  static StoredWalInputStream open(Source source, Function<IOException, PluginException> damage)
      throws StoreException {
    return new StoredWalInputStream(attributed(source::open, damage), damage);
  }

  @Override
  public int read() throws StoreException {
    return attributed(content::read, damage);
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws StoreException {
    return attributed(() -> content.read(bytes, offset, length), damage);
  }

  @Override
  public void close() throws StoreException {
    attributed(
        () -> {
          content.close();
          return true;
        },
        damage);
  }

  private interface Step<T> {
    T run() throws IOException;
  }

  private static <T> T attributed(Step<T> step, Function<IOException, PluginException> damage)
      throws StoreException {
    try {
      return step.run();
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      throw damage.apply(e);
    }
  }
}
