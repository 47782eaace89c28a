package dev.howdah.plugins.objectstore.layout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.commons.compress.compressors.lz4.BlockLZ4CompressorOutputStream;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CodecTest {

  @Property(tries = 60)
  void whatIsCompressedComesBack(@ForAll Codec codec, @ForAll byte[] bytes) throws IOException {
    assertThat(decompress(codec, compress(codec, bytes))).isEqualTo(bytes);
  }

  @ParameterizedTest
  @EnumSource
  void aWholeSegmentComesBack(Codec codec) throws IOException {
    byte[] segment = segment();

    byte[] compressed = compress(codec, segment);

    assertThat(decompress(codec, compressed)).isEqualTo(segment);
    if (codec != Codec.NONE) {
      assertThat(compressed).hasSizeLessThan(segment.length);
    }
  }

  @ParameterizedTest
  @EnumSource(names = "NONE", mode = EnumSource.Mode.EXCLUDE)
  void aTruncatedStreamIsNeverTakenForAWholeOne(Codec codec) throws IOException {
    byte[] segment = segment();
    byte[] compressed = compress(codec, segment);
    byte[] half = Arrays.copyOf(compressed, compressed.length / 2);

    try {
      assertThat(decompress(codec, half)).isNotEqualTo(segment);
    } catch (IOException e) {
      assertThat(e).isNotNull();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "BZIP2", "XZ", "SNAPPY"})
  void aFlippedByteIsNoticed(Codec codec) throws IOException {
    byte[] compressed = compress(codec, segment());
    compressed[compressed.length / 2] ^= 0x40;

    assertThatThrownBy(() -> decompress(codec, compressed)).isInstanceOf(IOException.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"GZIP", "BZIP2", "XZ", "ZSTD", "LZ4"})
  void streamsThatFollowEachOtherAreReadToTheEnd(Codec codec) throws IOException {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.write(compress(codec, new byte[] {1, 2, 3}));
    both.write(compress(codec, new byte[] {4, 5}));

    assertThat(decompress(codec, both.toByteArray())).containsExactly(1, 2, 3, 4, 5);
  }

  @Test
  void framesWhoseBlocksReferToEarlierOnesAreRead() throws IOException {
    byte[] segment = Arrays.copyOf(segment(), 150_000);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    var parameters =
        new FramedLZ4CompressorOutputStream.Parameters(
            FramedLZ4CompressorOutputStream.BlockSize.K64,
            false,
            false,
            true,
            BlockLZ4CompressorOutputStream.createParameterBuilder().tunedForSpeed().build());
    try (OutputStream out = new FramedLZ4CompressorOutputStream(bytes, parameters)) {
      out.write(segment, 0, segment.length);
    }

    assertThat(decompress(Codec.LZ4, bytes.toByteArray())).isEqualTo(segment);
  }

  @Test
  void aSuffixNamesItsCodec() {
    for (Codec codec : Codec.values()) {
      String name = "000000010000000000000001" + codec.suffix();
      assertThat(Codec.ofName(name)).isEqualTo(codec);
      assertThat(codec.strip(name)).isEqualTo("000000010000000000000001");
    }
    assertThat(Codec.ofName("000000010000000000000001.partial")).isEqualTo(Codec.NONE);
  }

  private static byte[] segment() {
    byte[] bytes = new byte[300_000];
    Random random = new Random(7);
    for (int i = 0; i < bytes.length; i += 3) {
      bytes[i] = (byte) random.nextInt(8);
    }
    return bytes;
  }

  private static byte[] compress(Codec codec, byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream compressed = codec.compress(out)) {
      compressed.write(bytes);
    }
    return out.toByteArray();
  }

  private static byte[] decompress(Codec codec, byte[] bytes) throws IOException {
    try (var in = codec.decompress(new ByteArrayInputStream(bytes))) {
      return in.readAllBytes();
    }
  }
}
