package dev.howdah.plugins.objectstore.backup;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;

/** Passes all on but the end, and digests it. For one thread. */
final class DigestingOutputStream extends FilterOutputStream {

  private final MessageDigest digest;

  DigestingOutputStream(OutputStream out, MessageDigest digest) {
    super(out);
    this.digest = digest;
  }

  @Override
  public void write(int value) throws IOException {
    digest.update((byte) value);
    out.write(value);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    digest.update(bytes, offset, length);
    out.write(bytes, offset, length);
  }

  byte[] digest() {
    return digest.digest();
  }

  // Closing the object below would give it up; who opened it says when it is complete.
  @Override
  public void close() throws IOException {
    flush();
  }
}
