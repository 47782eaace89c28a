package dev.howdah.host.listen;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** HTTP/2 as a client writes it that no library would send. */
final class Http2Bytes {
  private Http2Bytes() {}

  static ByteBuffer prefaceWithSettings() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.writeBytes("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    bytes.writeBytes(frame(4, 0, 0, new byte[0]));
    return ByteBuffer.wrap(bytes.toByteArray());
  }

  static ByteBuffer requestHeaders(String path) {
    ByteArrayOutputStream block = new ByteArrayOutputStream();
    block.write(0x83); // :method POST
    block.write(0x86); // :scheme http
    literal(block, ":path", path);
    literal(block, ":authority", "localhost");
    literal(block, "content-type", "application/grpc");
    literal(block, "te", "trailers");
    return ByteBuffer.wrap(frame(1, 4, 1, block.toByteArray()));
  }

  /** The head of a gRPC message of 100 bytes, and 10 of them. */
  static ByteBuffer halfMessage() {
    byte[] data = new byte[15];
    data[4] = 100;
    return ByteBuffer.wrap(frame(0, 0, 1, data));
  }

  private static void literal(ByteArrayOutputStream block, String name, String value) {
    block.write(0);
    block.write(name.length());
    block.writeBytes(name.getBytes(StandardCharsets.US_ASCII));
    block.write(value.length());
    block.writeBytes(value.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] frame(int type, int flags, int stream, byte[] payload) {
    ByteBuffer frame = ByteBuffer.allocate(9 + payload.length);
    frame.put((byte) 0).putShort((short) payload.length).put((byte) type).put((byte) flags);
    return frame.putInt(stream).put(payload).array();
  }

  /** Reads until the text has come and the stream of answers pauses after it. */
  static String readUntil(SocketChannel channel, String text) throws IOException {
    StringBuilder read = new StringBuilder();
    ByteBuffer bytes = ByteBuffer.allocate(4096);
    while (read.indexOf(text) < 0) {
      if (channel.read(bytes.clear()) < 0) {
        throw new AssertionError("The connection ended after: " + read);
      }
      read.append(StandardCharsets.ISO_8859_1.decode(bytes.flip()));
    }
    return read.toString();
  }
}
