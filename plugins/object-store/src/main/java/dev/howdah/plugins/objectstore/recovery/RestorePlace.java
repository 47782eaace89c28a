package dev.howdah.plugins.objectstore.recovery;

import dev.howdah.plugin.PluginException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * A directory that a backup is restored into. While that goes on it holds a mark, so that what a
 * failed attempt left behind can be told from somebody's database: the former is cleared away, the
 * latter never touched.
 *
 * <p>A tablespace's keeps another mark afterwards. When recovery fails after the files were
 * restored, the operator moves PGDATA out of the way and tries anew, but leaves tablespaces as they
 * are.
 */
final class RestorePlace {

  static final String MARK = ".howdah-restore";
  static final String RESTORED = ".howdah-restored";

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
    return prepare(directory, false);
  }

  /**
   * Makes a tablespace's directory ready.
   *
   * @param neverInService whether no database that was restored into it has been in use since, so
   *     that all of what a former attempt restored may go
   * @throws PluginException of kind {@code PRECONDITION} if it holds anything else
   */
  static RestorePlace prepare(Path directory, boolean neverInService) throws IOException {
    Files.createDirectories(directory);
    Path mark = directory.resolve(MARK);
    if (neverInService && Files.exists(directory.resolve(RESTORED), LinkOption.NOFOLLOW_LINKS)) {
      // Before anything is deleted, since that may be broken off.
      createMark(mark);
    }
    if (Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
      clear(directory, mark);
    } else if (!isEmpty(directory)) {
      throw notEmpty(directory);
    } else {
      createMark(mark);
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

  /** The same for a tablespace's. */
  void completeTablespace() throws IOException {
    Files.move(
        directory.resolve(MARK),
        directory.resolve(RESTORED),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /**
   * Makes sure that a directory has nothing in it, if it is there at all.
   *
   * @throws PluginException of kind {@code PRECONDITION} if it has
   */
  static void requireEmpty(Path directory) throws IOException {
    if (Files.exists(directory) && !isEmpty(directory)) {
      throw notEmpty(directory);
    }
  }

  private static void createMark(Path mark) throws IOException {
    if (!Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
      Files.createFile(mark);
    }
  }

  private static PluginException notEmpty(Path directory) {
    return new PluginException(
        PluginException.Kind.PRECONDITION,
        "%s is not empty, so nothing is restored into it: empty it, or restore elsewhere"
            .formatted(directory));
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
