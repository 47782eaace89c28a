package dev.howdah.host.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a trail's file line by line, keeping bytes and places. Used by one thread. */
final class TrailLines implements AutoCloseable {

  private final InputStream in;
  private long offset;

  TrailLines(Path file) throws IOException {
    this.in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
  }

  /**
   * A line.
   *
   * @param bytes without the newline
   * @param start where it begins in the file
   * @param terminated whether a newline ends it
   */
  @SuppressWarnings("ArrayRecordComponent")
  record Line(byte[] bytes, long start, boolean terminated) {

    /** Where the next line begins. */
    long end() {
      return start + bytes.length + (terminated ? 1 : 0);
    }

    /** Whether the line is byte for byte what the canonical form makes of it. */
    boolean isCanonical() {
      try {
        return Arrays.equals(CanonicalJson.bytes(text()), bytes);
      } catch (IllegalArgumentException e) {
        return false;
      }
    }

    /** The line as JSON, if it is an object. */
    Optional<ObjectNode> json() {
      try {
        JsonNode node = CanonicalJson.MAPPER.readTree(bytes);
        return node instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
      } catch (JacksonException e) {
        return Optional.empty();
      }
    }

    String text() {
      return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Whether nothing but zero bytes is in it, as some file systems leave after a power cut. */
    boolean zeros() {
      for (byte b : bytes) {
        if (b != 0) {
          return false;
        }
      }
      return true;
    }
  }

  /** The next line, or null at the end. */
  @Nullable Line next() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    long start = offset;
    int read;
    while ((read = in.read()) >= 0) {
      offset++;
      if (read == '\n') {
        return new Line(line.toByteArray(), start, true);
      }
      line.write(read);
    }
    return line.size() == 0 ? null : new Line(line.toByteArray(), start, false);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
