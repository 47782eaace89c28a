package dev.howdah.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Bytes in memory, in pieces, so that the parts of an object become one without being copied. */
final class StoredBytes {

  private static final int PIECE = 1 << 20;

  private final List<byte[]> pieces = new ArrayList<>();
  private final long from;
  private long size;

  StoredBytes() {
    this(0);
  }

  private StoredBytes(long from) {
    this.from = from;
  }

  static StoredBytes of(String text) {
    StoredBytes bytes = new StoredBytes();
    bytes.add(text.getBytes(StandardCharsets.UTF_8));
    return bytes;
  }

  /** The bytes from an offset on. */
  StoredBytes after(long offset) {
    StoredBytes rest = new StoredBytes(from + offset);
    rest.pieces.addAll(pieces);
    rest.size = Math.max(0, size - offset);
    return rest;
  }

  /** Whole ones only, not what begins at an offset. */
  void addAll(StoredBytes others) {
    others.pieces.forEach(this::add);
  }

  private void add(byte[] piece) {
    pieces.add(piece);
    size += piece.length;
  }

  void readFrom(InputStream in, long length) throws IOException {
    for (long left = length; left > 0; ) {
      byte[] piece = new byte[(int) Math.min(left, PIECE)];
      if (in.readNBytes(piece, 0, piece.length) < piece.length) {
        throw new EOFException();
      }
      add(piece);
      left -= piece.length;
    }
  }

  void writeTo(OutputStream out) throws IOException {
    long skipped = from;
    for (byte[] piece : pieces) {
      if (skipped >= piece.length) {
        skipped -= piece.length;
      } else {
        out.write(piece, (int) skipped, piece.length - (int) skipped);
        skipped = 0;
      }
    }
  }

  long size() {
    return size;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    pieces.forEach(piece -> text.append(new String(piece, StandardCharsets.UTF_8)));
    return text.toString();
  }
}
