package dev.howdah.host.testing;

import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** Messages as they are, for calls that no generated stub would make. */
public final class RawBytes implements MethodDescriptor.Marshaller<byte[]> {

  private RawBytes() {}

  /**
   * Describes a method of one message and one answer.
   *
   * @param fullName its name with the service's
   */
  public static MethodDescriptor<byte[], byte[]> method(String fullName) {
    return MethodDescriptor.newBuilder(new RawBytes(), new RawBytes())
        .setType(MethodDescriptor.MethodType.UNARY)
        .setFullMethodName(fullName)
        .build();
  }

  @Override
  public InputStream stream(byte[] value) {
    return new ByteArrayInputStream(value);
  }

  @Override
  public byte[] parse(InputStream stream) {
    try {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
