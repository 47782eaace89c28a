package dev.howdah.plugins.objectstore.recovery;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Unpacks one tar archive into a directory. Files aren't flushed to the disk one by one: PostgreSQL
 * flushes the whole data directory before it begins to recover from a backup.
 */
final class TarExtraction {

  private static final int BUFFER = 256 * 1024;

  private final Path top;
  private final AtomicLong bytes;

  TarExtraction(Path top, AtomicLong bytes) {
    this.top = top;
    this.bytes = bytes;
  }

  /** Unpacks all of it; reads the stream to its end, so that checksums there are checked. */
  void extract(InputStream stream) throws IOException {
    TarArchiveInputStream tar = new TarArchiveInputStream(stream);
    byte[] buffer = new byte[BUFFER];
    for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      Path path = inside(entry.getName());
      if (entry.isDirectory()) {
        Files.createDirectories(path);
        if (!path.equals(top)) {
          permit(path, entry.getMode());
        }
      } else if (entry.isSymbolicLink()) {
        Files.createDirectories(parent(path));
        Files.deleteIfExists(path);
        Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
      } else if (entry.isFile()) {
        write(tar, entry, path, buffer);
      }
      if (Thread.currentThread().isInterrupted()) {
        throw new IOException("the restore was given up");
      }
    }
    while (stream.read(buffer) >= 0) {
      // Padding.
      continue;
    }
  }

  private void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path path, byte[] buffer)
      throws IOException {
    Files.createDirectories(parent(path));
    long written = 0;
    // A link that an archive planted must not lead the next entry out of the directory.
    try (OutputStream out =
        Files.newOutputStream(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS)) {
      for (int read = tar.read(buffer); read >= 0; read = tar.read(buffer)) {
        out.write(buffer, 0, read);
        written += read;
        bytes.addAndGet(read);
      }
    }
    if (written != entry.getSize()) {
      throw new IOException(
          "%s has %d bytes instead of %d".formatted(entry.getName(), written, entry.getSize()));
    }
    permit(path, entry.getMode());
  }

  private Path inside(String name) throws IOException {
    Path path = top.resolve(name.startsWith("/") ? "." + name : name).normalize();
    if (!path.startsWith(top)) {
      throw new IOException("the archive has an entry outside of its directory: " + name);
    }
    for (Path folder = path.getParent();
        folder != null && folder.startsWith(top) && !folder.equals(top);
        folder = folder.getParent()) {
      if (Files.isSymbolicLink(folder)) {
        throw new IOException("the archive has an entry below a link: " + name);
      }
    }
    return path;
  }

  private static Path parent(Path path) throws IOException {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IOException("the archive has an entry without a directory");
    }
    return parent;
  }

  private static void permit(Path path, int mode) throws IOException {
    PosixFilePermission[] bits = {
      PosixFilePermission.OTHERS_EXECUTE,
      PosixFilePermission.OTHERS_WRITE,
      PosixFilePermission.OTHERS_READ,
      PosixFilePermission.GROUP_EXECUTE,
      PosixFilePermission.GROUP_WRITE,
      PosixFilePermission.GROUP_READ,
      PosixFilePermission.OWNER_EXECUTE,
      PosixFilePermission.OWNER_WRITE,
      PosixFilePermission.OWNER_READ
    };
    Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
    for (int bit = 0; bit < bits.length; bit++) {
      if ((mode >> bit & 1) == 1) {
        permissions.add(bits[bit]);
      }
    }
    // Whatever the archive says, its owner must be able to go on.
    permissions.add(PosixFilePermission.OWNER_READ);
    permissions.add(PosixFilePermission.OWNER_WRITE);
    if (Files.isDirectory(path)) {
      permissions.add(PosixFilePermission.OWNER_EXECUTE);
    }
    Files.setPosixFilePermissions(path, permissions);
  }
}
