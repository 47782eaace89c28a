package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugin.PluginException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * A directory that a backup is restored into. While that goes on it holds a mark, so that what a
 * failed attempt left behind can be told from somebody's database: the former is cleared away, the
 * latter never touched.
 */
final class RestorePlace {

  static final String MARK = ".howdah-restore";

  private final Path directory;

  private RestorePlace(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes a directory ready: creates it, or clears our own leftovers away.
   *
   * @throws PluginException of kind {@code PRECONDITION} if it holds anything else
   */
  static RestorePlace prepare(Path directory) throws IOException {
    Files.createDirectories(directory);
    Path mark = directory.resolve(MARK);
    if (Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
      clear(directory, mark);
    } else if (!isEmpty(directory)) {
      throw new PluginException(
          PluginException.Kind.PRECONDITION,
          "%s is not empty, so nothing is restored into it".formatted(directory));
    } else {
      Files.createFile(mark);
    }
    // PostgreSQL refuses a data directory that others can read.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
    return new RestorePlace(directory);
  }

  Path directory() {
    return directory;
  }

  void complete() throws IOException {
    Files.delete(directory.resolve(MARK));
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (!entry.endsWith("lost+found")) {
          return false;
        }
      }
      return true;
    }
  }

  // The mark stays until the end: clearing may be broken off, too.
  private static void clear(Path directory, Path mark) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes) {
            return path.equals(directory.resolve("lost+found"))
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path path, BasicFileAttributes attributes)
              throws IOException {
            if (!path.equals(mark)) {
              Files.delete(path);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path path, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            if (!path.equals(directory)) {
              Files.delete(path);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
