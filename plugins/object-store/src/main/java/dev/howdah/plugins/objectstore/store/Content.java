package dev.howdah.plugins.objectstore.store;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Bytes that can be read more than once, so that a failed request can be sent again. */
public interface Content {

  /** How many bytes there are. */
  long length();

  /** Opens them, from the first on. */
  InputStream open() throws IOException;

  /** The first bytes of an array, which must not change meanwhile. */
  static Content of(byte[] bytes, int length) {
    return new Content() {
      @Override
      public long length() {
        return length;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(bytes, 0, length);
      }
    };
  }

  /** All bytes of an array. */
  static Content of(byte[] bytes) {
    return of(bytes, bytes.length);
  }

  /** Text in UTF-8. */
  static Content of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A file, which must not change meanwhile. */
  static Content of(Path file) throws IOException {
    long length = Files.size(file);
    return new Content() {
      @Override
      public long length() {
        return length;
      }

      @Override
      public InputStream open() throws IOException {
        return Files.newInputStream(file);
      }
    };
  }
}
