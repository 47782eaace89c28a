package dev.howdah.host.listen;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What tells cheaply that a file was replaced: where its symbolic links lead to, and that file's
 * inode, size and time. A mounted Secret is replaced by turning one link higher up in the path.
 *
 * @param target the file itself, links resolved; {@code null} if there is none
 */
record FileStamp(
    @Nullable Path target, @Nullable Object inode, long size, @Nullable FileTime modified) {
  private static final FileStamp NO_FILE = new FileStamp(null, null, -1, null);

  static FileStamp of(Path path) {
    try {
      Path target = path.toRealPath();
      BasicFileAttributes attributes = Files.readAttributes(target, BasicFileAttributes.class);
      return new FileStamp(
          target, attributes.fileKey(), attributes.size(), attributes.lastModifiedTime());
    } catch (IOException e) {
      // Missing for now, or being replaced: reading it will tell.
      return NO_FILE;
    }
  }

  static List<FileStamp> of(TlsFiles files) {
    return files.paths().stream().map(FileStamp::of).toList();
  }
}
