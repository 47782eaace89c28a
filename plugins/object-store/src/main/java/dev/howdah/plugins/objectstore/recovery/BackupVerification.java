package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugin.PluginException;
import dev.howdah.plugins.objectstore.archive.Archive;
import dev.howdah.plugins.objectstore.archive.Catalogue.Entry;
import dev.howdah.plugins.objectstore.layout.BackupInfo;
import dev.howdah.plugins.objectstore.layout.WalName;
import dev.howdah.plugins.objectstore.layout.WalSegment;
import dev.howdah.plugins.objectstore.recovery.BackupParts.Part;
import dev.howdah.plugins.objectstore.store.ResumingInputStream;
import dev.howdah.plugins.objectstore.store.StoreException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * What reading a whole backup, and the WAL that makes it consistent, has shown.
 *
 * @param problems what is wrong; with any, the backup can't be relied on
 * @param unproven what could not be checked
 * @param bytes how many bytes were read, as they are stored
 */
public record BackupVerification(List<String> problems, List<String> unproven, long bytes) {

  // Without these PostgreSQL can't start from it.
  private static final List<String> ESSENTIAL =
      List.of("PG_VERSION", "global/pg_control", "backup_label");

  /** Copies the lists. */
  public BackupVerification {
    problems = List.copyOf(problems);
    unproven = List.copyOf(unproven);
  }

  /** Whether nothing is wrong. */
  public boolean sound() {
    return problems.isEmpty();
  }

  /**
   * Verifies a backup.
   *
   * @throws IOException if the archive can't be read; what is found in it is a problem instead
   */
  public static BackupVerification of(Archive archive, Entry backup) throws IOException {
    List<String> problems = new ArrayList<>();
    List<String> unproven = new ArrayList<>();
    long bytes = 0;
    try {
      BackupParts parts = BackupParts.find(archive, backup);
      Set<String> missing = new TreeSet<>(ESSENTIAL);
      for (Part part : parts.parts()) {
        verify(archive, part, missing).ifPresent(problems::add);
        bytes += part.object().size();
      }
      if (parts.parts().stream().anyMatch(part -> part.sha256().isEmpty())) {
        unproven.add(
            "the backup has no list of digests: a changed byte that its codec doesn't notice is not"
                + " found");
        missing.forEach(file -> problems.add("the backup has no " + file));
      }
    } catch (PluginException e) {
      problems.add(String.valueOf(e.getMessage()));
    }
    bytes += verifyWal(archive, backup.info(), problems);
    return new BackupVerification(problems, unproven, bytes);
  }

  /** Reads one archive; of one without a digest, also what it holds. */
  private static Optional<String> verify(Archive archive, Part part, Set<String> missing)
      throws IOException {
    MessageDigest digest = sha256();
    try (InputStream in =
        new DigestInputStream(
            ResumingInputStream.open(archive.store(), part.object().key()), digest)) {
      if (part.sha256().isEmpty()) {
        TarEnd end = new TarEnd(part.name().codec().decompress(in));
        TarArchiveInputStream tar = new TarArchiveInputStream(end);
        for (TarArchiveEntry entry = tar.getNextEntry();
            entry != null;
            entry = tar.getNextEntry()) {
          tar.transferTo(OutputStream.nullOutputStream());
          if (part.name().tablespace().isEmpty()) {
            missing.remove(entry.getName().replaceFirst("^\\./", ""));
          }
        }
        end.transferTo(OutputStream.nullOutputStream());
        if (!end.isThere()) {
          return Optional.of("%s is cut off".formatted(part.object().name()));
        }
      }
      in.transferTo(OutputStream.nullOutputStream());
    } catch (StoreException e) {
      throw e;
    } catch (IOException e) {
      return Optional.of(
          "%s can't be unpacked: %s".formatted(part.object().name(), e.getMessage()));
    }
    String found = HexFormat.of().formatHex(digest.digest());
    return part.sha256()
        .filter(expected -> !expected.equals(found))
        .map(expected -> part.object().name() + " is not what was stored");
  }

  private static long verifyWal(Archive archive, BackupInfo info, List<String> problems)
      throws StoreException {
    if (info.beginWal().isEmpty() || info.endWal().isEmpty()) {
      problems.add("backup.info doesn't say which WAL is needed");
      return 0;
    }
    long size = info.segmentSize();
    WalSegment last = WalSegment.parse(info.endWal().get(), size);
    WalVerification wal = new WalVerification(archive, info.systemId(), size);
    for (WalSegment next = WalSegment.parse(info.beginWal().get(), size);
        next.number() <= last.number();
        next = next.next()) {
      wal.next(next, archive.find(WalName.parse(next.name(size)))).ifPresent(problems::add);
    }
    return wal.bytes();
  }

  /** Notices whether a tar archive ends as one does, in two empty blocks. */
  private static final class TarEnd extends FilterInputStream {
    private static final int BLOCK = 512;

    private long total;
    private long zeros;

    TarEnd(InputStream in) {
      super(in);
    }

    boolean isThere() {
      return zeros >= 2 * BLOCK && total % BLOCK == 0;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int read = in.read(bytes, offset, length);
      if (read > 0) {
        total += read;
        int last = offset + read - 1;
        while (last >= offset && bytes[last] == 0) {
          last--;
        }
        int ending = offset + read - 1 - last;
        zeros = ending == read ? zeros + read : ending;
      }
      return read;
    }

    @Override
    public long skip(long count) throws IOException {
      // Reads, so that nothing is overlooked.
      byte[] skipped = new byte[(int) Math.min(Math.max(count, 0), BLOCK)];
      return skipped.length == 0 ? 0 : Math.max(0, read(skipped, 0, skipped.length));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
