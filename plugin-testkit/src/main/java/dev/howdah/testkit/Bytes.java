package dev.howdah.testkit;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Messages in a form that can be compared and read. */
final class Bytes {

  private static final int LONGEST_TEXT = 2000;

  private Bytes() {}

  /** The message's bytes, with sorted maps: protobuf itself promises no order. */
  static byte[] of(MessageLite message) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(message.getSerializedSize());
    try {
      CodedOutputStream out = CodedOutputStream.newInstance(bytes);
      out.useDeterministicSerialization();
      message.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  static String text(MessageLite message) {
    String text = message.toString().replace("\\\"", "\"").strip();
    return text.length() > LONGEST_TEXT ? text.substring(0, LONGEST_TEXT) + "…" : text;
  }
}
