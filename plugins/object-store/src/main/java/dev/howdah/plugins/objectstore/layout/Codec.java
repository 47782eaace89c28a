package dev.howdah.plugins.objectstore.layout;

import com.github.luben.zstd.ZstdInputStream;
import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PushbackInputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPInputStream;
import net.jpountz.lz4.LZ4FrameInputStream;
import net.jpountz.lz4.LZ4FrameOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorOutputStream;
import org.apache.commons.compress.compressors.gzip.GzipParameters;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZInputStream;
import org.tukaani.xz.XZOutputStream;
import org.xerial.snappy.SnappyFramedInputStream;
import org.xerial.snappy.SnappyFramedOutputStream;

/** How an object's content is compressed. Its suffix is the only thing that says so. */
public enum Codec {
  /** Not at all. */
  NONE("", false),
  /** {@code .gz}. */
  GZIP(".gz", false),
  /** {@code .bz2}. */
  BZIP2(".bz2", false),
  /** {@code .xz}. */
  XZ(".xz", true),
  /** {@code .zst}. */
  ZSTD(".zst", true),
  /** {@code .lz4}, the frame format. */
  LZ4(".lz4", false),
  /** {@code .snappy}, the framing format. */
  SNAPPY(".snappy", false);

  private static final int BUFFER = 64 * 1024;
  private static final int GZIP_LEVEL = 5;
  private static final int BZIP2_BLOCKS = 5;
  private static final int XZ_PRESET = 3;
  private static final int ZSTD_LEVEL = 3;
  // Enough for preset 9; keeps a damaged header from asking for gigabytes.
  private static final int XZ_MEMORY_KIB = 128 * 1024;
  private static final int LZ4_FLAGS_AT = 4;
  private static final int LZ4_INDEPENDENT_BLOCKS = 0x20;

  private final String suffix;
  private final boolean walOnly;

  Codec(String suffix, boolean walOnly) {
    this.suffix = suffix;
    this.walOnly = walOnly;
  }

  /** What the names of objects end in that are compressed like this. */
  public String suffix() {
    return suffix;
  }

  /**
   * Whether Barman takes it for WAL only, or for base backups in its newest versions only, so that
   * a base backup compressed like this may not be readable there.
   */
  public boolean walOnly() {
    return walOnly;
  }

  /** The name that configurations use: lower case. */
  public String configurationName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The codec whose suffix a name ends in; {@link #NONE} if it is nobody's. */
  public static Codec ofName(String name) {
    for (Codec codec : values()) {
      if (codec != NONE && name.endsWith(codec.suffix)) {
        return codec;
      }
    }
    return NONE;
  }

  /** The codec that a configuration names. */
  public static Optional<Codec> ofConfiguration(String name) {
    return Arrays.stream(values())
        .filter(codec -> codec.configurationName().equals(name))
        .findFirst();
  }

  /** The name without this codec's suffix. */
  public String strip(String name) {
    return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
  }

  /**
   * Compresses what is written. Closing the result ends the compressed stream and closes the given
   * one.
   */
  public OutputStream compress(OutputStream out) throws IOException {
    return switch (this) {
      case NONE -> out;
      case GZIP -> {
        GzipParameters parameters = new GzipParameters();
        parameters.setCompressionLevel(GZIP_LEVEL);
        parameters.setBufferSize(BUFFER);
        yield new GzipCompressorOutputStream(out, parameters);
      }
      case BZIP2 -> new BZip2CompressorOutputStream(out, BZIP2_BLOCKS);
      case XZ ->
          new XZOutputStream(out, new LZMA2Options(XZ_PRESET), org.tukaani.xz.XZ.CHECK_CRC64);
      case ZSTD -> new ZstdOutputStream(out, ZSTD_LEVEL);
      case LZ4 ->
          new LZ4FrameOutputStream(
              out,
              LZ4FrameOutputStream.BLOCKSIZE.SIZE_64KB,
              LZ4FrameOutputStream.FLG.Bits.BLOCK_INDEPENDENCE);
      case SNAPPY -> new SnappyFramedOutputStream(out);
    };
  }

  /**
   * Decompresses what is read, over all members or frames that follow each other. Damage shows as
   * an exception.
   */
  public InputStream decompress(InputStream in) throws IOException {
    return switch (this) {
      case NONE -> in;
      case GZIP -> new GZIPInputStream(in, BUFFER);
      case BZIP2 -> new BZip2CompressorInputStream(in, true);
      case XZ -> new XZInputStream(in, XZ_MEMORY_KIB);
      case ZSTD -> new ZstdInputStream(in);
      case LZ4 -> lz4(in);
      case SNAPPY -> new SnappyFramedInputStream(in, true);
    };
  }

  // The native decoder doesn't know blocks that refer to the ones before them, which is what Barman
  // writes; the one that knows them is slower.
  private static InputStream lz4(InputStream in) throws IOException {
    PushbackInputStream pushback = new PushbackInputStream(in, LZ4_FLAGS_AT + 1);
    byte[] head = pushback.readNBytes(LZ4_FLAGS_AT + 1);
    pushback.unread(head);
    boolean independent =
        head.length > LZ4_FLAGS_AT && (head[LZ4_FLAGS_AT] & LZ4_INDEPENDENT_BLOCKS) != 0;
    return independent
        ? new LZ4FrameInputStream(pushback)
        : new FramedLZ4CompressorInputStream(pushback, true);
  }
}
