package dev.howdah.plugins.objectstore.store;

import java.io.IOException;
import java.io.InputStream;

/**
 * An object that is being read.
 *
 * @param object what is read; its size is that of the whole object
 * @param content the bytes from the asked offset on
 */
public record Download(StoredObject object, InputStream content) implements AutoCloseable {

  @Override
  public void close() throws IOException {
    content.close();
  }
}
