package dev.howdah.plugins.objectstore.store;

import java.io.FilterInputStream;
import java.io.IOException;
import software.amazon.awssdk.core.ResponseInputStream;

/**
 * The content of an S3 object whose connection is dropped, instead of read to the end, when only a
 * part of it was wanted. For one thread.
 */
final class S3InputStream extends FilterInputStream {

  private final ResponseInputStream<?> response;
  private boolean ended;

  S3InputStream(ResponseInputStream<?> response) {
    super(response);
    this.response = response;
  }

  @Override
  public int read() throws IOException {
    int value = super.read();
    ended |= value < 0;
    return value;
  }

  @Override
  public int read(byte[] bytes, int offset, int length) throws IOException {
    int read = super.read(bytes, offset, length);
    ended |= read < 0;
    return read;
  }

  @Override
  public void close() throws IOException {
    // Closing reads the rest so that the connection can be used again; that may be gigabytes.
    if (!ended && response.available() > 0) {
      response.abort();
    }
    super.close();
  }
}
