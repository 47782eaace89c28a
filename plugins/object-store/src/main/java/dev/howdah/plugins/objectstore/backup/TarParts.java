package dev.howdah.plugins.objectstore.backup;

import dev.howdah.plugins.objectstore.layout.ArchiveLayout.DataName;
import dev.howdah.plugins.objectstore.store.PartedOutputStream;
import dev.howdah.plugins.objectstore.store.WriteOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * Stores files as the tar archives of a backup's PGDATA or of one tablespace. Each archive is
 * complete in itself and no file spans two. For one thread.
 */
final class TarParts implements AutoCloseable {

  private static final int BUFFER = 256 * 1024;
  private static final int RECORD = 10240;
  private static final int NEXT = -1;
  private static final int PERMISSIONS = 07777;

  private final TarDestination to;
  private final byte[] buffer = new byte[BUFFER];
  private int number;
  private @Nullable OpenPart open;

  /**
   * Makes it, without an archive yet.
   *
   * @param number of its first archive; those that it begins after it get the next free ones
   */
  TarParts(TarDestination to, int number) {
    this.to = to;
    this.number = number;
  }

  /** Makes it, without an archive yet; its archives get the next free numbers. */
  TarParts(TarDestination to) {
    this(to, NEXT);
  }

  private record OpenPart(
      String key,
      String name,
      PartedOutputStream object,
      DigestingOutputStream digest,
      TarArchiveOutputStream tar) {}

  /** A directory's entry, without what it holds. */
  static TarArchiveEntry directory(String path, Path directory) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(path + "/");
    describe(entry, directory);
    return entry;
  }

  /** A symbolic link's entry. */
  static TarArchiveEntry link(String path, Path link) throws IOException {
    TarArchiveEntry entry = new TarArchiveEntry(path, TarConstants.LF_SYMLINK);
    entry.setLinkName(Files.readSymbolicLink(link).toString());
    describe(entry, link);
    return entry;
  }

  /** Stores an entry that has no content. */
  void entry(TarArchiveEntry entry) throws IOException {
    OpenPart into = part();
    into.tar().putArchiveEntry(entry);
    into.tar().closeArchiveEntry();
  }

  /**
   * Stores a file as it is while it is read: one that shrinks meanwhile is filled up with zeros and
   * one that grows is cut, since replay of the WAL brings both to where they belong. One that is
   * gone is left out.
   */
  void file(String path, Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      OpenPart into = part();
      long size = channel.size();
      TarArchiveEntry entry = new TarArchiveEntry(path);
      describe(entry, file);
      entry.setSize(size);
      into.tar().putArchiveEntry(entry);
      MessageDigest digest = sha256();
      copy(Channels.newInputStream(channel), size, into.tar(), digest);
      into.tar().closeArchiveEntry();
      to.manifest().file(into.name(), path, size, digest.digest());
      to.progress().fileRead();
    } catch (NoSuchFileException e) {
      // Dropped or truncated away since the directory was read; so is the relation it belongs to.
      to.progress().check();
    }
  }

  /** Stores a file whose content is given. */
  void file(String path, byte[] content) throws IOException {
    OpenPart into = part();
    TarArchiveEntry entry = new TarArchiveEntry(path);
    entry.setSize(content.length);
    entry.setMode(TarArchiveEntry.DEFAULT_FILE_MODE & ~0077 | 0100000);
    entry.setLastModifiedTime(FileTime.fromMillis(0));
    into.tar().putArchiveEntry(entry);
    into.tar().write(content);
    into.tar().closeArchiveEntry();
    to.manifest().file(into.name(), path, content.length, sha256().digest(content));
  }

  /** Stores a text file. */
  void file(String path, String content) throws IOException {
    file(path, content.getBytes(StandardCharsets.UTF_8));
  }

  private void copy(InputStream in, long size, OutputStream out, MessageDigest digest)
      throws IOException {
    long left = size;
    while (left > 0) {
      int wanted = (int) Math.min(left, buffer.length);
      int read = in.readNBytes(buffer, 0, wanted);
      if (read < wanted) {
        java.util.Arrays.fill(buffer, read, wanted, (byte) 0);
      }
      out.write(buffer, 0, wanted);
      digest.update(buffer, 0, wanted);
      left -= wanted;
      to.progress().read(wanted);
    }
  }

  private static void describe(TarArchiveEntry entry, Path file) throws IOException {
    Map<String, Object> attributes =
        Files.readAttributes(file, "unix:mode,uid,gid,lastModifiedTime", LinkOption.NOFOLLOW_LINKS);
    int type = entry.isDirectory() ? 0040000 : entry.isSymbolicLink() ? 0120000 : 0100000;
    entry.setMode(type | (int) attributes.getOrDefault("mode", 0600) & PERMISSIONS);
    entry.setUserId((int) attributes.getOrDefault("uid", 0));
    entry.setGroupId((int) attributes.getOrDefault("gid", 0));
    if (attributes.get("lastModifiedTime") instanceof FileTime time) {
      entry.setLastModifiedTime(time);
    }
  }

  private OpenPart part() throws IOException {
    to.progress().check();
    OpenPart current = open;
    if (current != null && current.object().written() > to.settings().archiveSize()) {
      finish();
      current = null;
    }
    if (current == null) {
      current = openPart();
      open = current;
    }
    return current;
  }

  private OpenPart openPart() throws IOException {
    int mine = number == NEXT ? to.archives().getAndIncrement() : number;
    number = NEXT;
    String name = new DataName(to.tablespace(), mine, to.settings().codec()).name();
    String key = to.archive().layout().backup(to.backupId()) + name;
    PartedOutputStream object =
        new PartedOutputStream(
            to.archive().store(),
            key,
            WriteOptions.CREATE.tagged(to.settings().tags()),
            to.buffers(),
            to.uploads());
    DigestingOutputStream digest = new DigestingOutputStream(object, sha256());
    TarArchiveOutputStream tar =
        new TarArchiveOutputStream(
            to.settings().codec().compress(digest), RECORD, StandardCharsets.UTF_8.name());
    tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    tar.setBigNumberMode(TarArchiveOutputStream.BIGNUMBER_POSIX);
    tar.setAddPaxHeadersForNonAsciiNames(true);
    return new OpenPart(key, name, object, digest, tar);
  }

  /** Makes the last archive visible, if one was begun. */
  void finish() throws IOException {
    OpenPart current = open;
    if (current == null) {
      return;
    }
    // Ends the tar archive and the compressed stream, but not the object.
    current.tar().close();
    // Before it is there: the answer may get lost, and a failed backup leaves nothing behind.
    to.storedKeys().add(current.key());
    current.object().complete();
    open = null;
    to.manifest().part(current.name(), current.object().written(), current.digest().digest());
  }

  /** Begins an archive, which is then there even if it holds nothing. */
  void begin() throws IOException {
    part();
  }

  @Override
  public void close() throws IOException {
    OpenPart unfinished = open;
    open = null;
    if (unfinished != null) {
      unfinished.object().close();
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
