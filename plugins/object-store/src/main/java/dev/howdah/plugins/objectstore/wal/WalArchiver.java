package dev.howdah.plugins.objectstore.wal;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Archive.StoredWal;
import dev.howdah.plugins.objectstore.layout.Codec;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.store.Content;
import dev.howdah.plugins.objectstore.store.PartBuffers;
import dev.howdah.plugins.objectstore.store.PartedOutputStream;
import dev.howdah.plugins.objectstore.store.StoreException;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores WAL files. A file counts as archived only when the store has it; the same file may come
 * any number of times, another one of the same name is refused. Thread-safe.
 */
public final class WalArchiver {

  private static final Logger log = LoggerFactory.getLogger(WalArchiver.class);
  private static final int BUFFER = 128 * 1024;

  private final PartBuffers buffers;

  /**
   * Makes an archiver.
   *
   * @param buffers memory for compressed files; a file that needs more than one buffer is sent in
   *     parts
   */
  public WalArchiver(PartBuffers buffers) {
    this.buffers = buffers;
  }

  /** What became of a file. */
  public enum Outcome {
    /** It was stored. */
    STORED,
    /** The archive had it already. */
    ALREADY_STORED
  }

  /**
   * Stores a file.
   *
   * @param archive where to
   * @param settings how
   * @param source the file; its name says what it is
   * @throws PluginException of kind {@code INVALID} if the name isn't that of a WAL file, of kind
   *     {@code PRECONDITION} if the file is missing or the archive has another file of that name
   * @throws IOException if it can't be stored or read
   */
  public Outcome archive(Archive archive, WalWriteSettings settings, Path source)
      throws IOException {
    WalName name = nameOf(source);
    List<StoredWal> existing = archive.find(name);
    if (!existing.isEmpty()) {
      return compareWithExisting(archive, name, source, existing);
    }
    try {
      store(archive, settings, name, source);
    } catch (NoSuchFileException e) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "the WAL file %s is not there".formatted(name.name()),
          e);
    } catch (StoreException e) {
      if (e.kind() != StoreException.Kind.EXISTS) {
        throw e;
      }
      // Somebody was quicker; perhaps this very call, whose first answer got lost.
      return compareWithExisting(archive, name, source, archive.find(name));
    }
    log.atInfo()
        .addKeyValue("wal", name.name())
        .addKeyValue("archive", archive.location())
        .log("WAL archived");
    PageCache.forget(source);
    return Outcome.STORED;
  }

  private void store(Archive archive, WalWriteSettings settings, WalName name, Path source)
      throws IOException {
    Codec codec = settings.codec();
    String key = archive.layout().wal(name, codec);
    WriteOptions options = WriteOptions.CREATE.tagged(settings.tagsFor(name));
    if (codec == Codec.NONE) {
      archive.store().put(key, Content.of(source), options);
      return;
    }
    try (PartedOutputStream object =
        new PartedOutputStream(archive.store(), key, options, buffers, Runnable::run)) {
      // Closing the compressor must not close the object, which close() would give up.
      try (InputStream in = Files.newInputStream(source);
          OutputStream out = codec.compress(new UnclosedOutputStream(object))) {
        // Each call of a native codec costs, and Files.copy makes a thousand of them.
        byte[] buffer = new byte[BUFFER];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          out.write(buffer, 0, read);
        }
      }
      object.complete();
    }
  }

  private static Outcome compareWithExisting(
      Archive archive, WalName name, Path source, List<StoredWal> existing) throws IOException {
    for (StoredWal stored : existing) {
      if (!sameContent(archive, stored, source)) {
        throw new PluginException(
            PluginException.Kind.PRECONDITION,
            ("%s holds another file named %s; two databases write to one archive, or this one was"
                    + " set back: give the Cluster a serverName of its own")
                .formatted(archive.location(), name.name()));
      }
    }
    log.atInfo()
        .addKeyValue("wal", name.name())
        .addKeyValue("archive", archive.location())
        .log("WAL was archived before");
    return Outcome.ALREADY_STORED;
  }

  private static boolean sameContent(Archive archive, StoredWal stored, Path source)
      throws IOException {
    try (InputStream mine = Files.newInputStream(source);
        InputStream theirs = archive.open(stored.object().key(), stored.codec())) {
      byte[] left = new byte[BUFFER];
      byte[] right = new byte[BUFFER];
      while (true) {
        int here = mine.readNBytes(left, 0, left.length);
        int there = theirs.readNBytes(right, 0, right.length);
        if (here != there || !Arrays.equals(left, 0, here, right, 0, there)) {
          return false;
        }
        if (here == 0) {
          return true;
        }
      }
    } catch (StoreException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION, "the WAL file %s is not there".formatted(source), e);
    } catch (IOException e) {
      // What can't be decompressed isn't the same, whoever wrote it.
      log.atWarn()
          .addKeyValue("object", stored.object().key())
          .setCause(e)
          .log("An object of the archive is damaged");
      return false;
    }
  }

  /**
   * The WAL file that a path's name says.
   *
   * @throws PluginException of kind {@code INVALID} if it says none
   */
  static WalName nameOf(Path source) {
    String name = Optional.ofNullable(source.getFileName()).map(Path::toString).orElse("");
    if (!WalName.isOne(name)) {
      throw new PluginException(
          PluginException.Kind.INVALID, "'%s' is not the name of a WAL file".formatted(name));
    }
    return WalName.parse(name);
  }
}
