package dev.howdah.plugins.objectstore.backup;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Hands the files of a running PostgreSQL over to be stored: the large ones first, the largest of
 * them before the others, so that no thread is left alone with one when the others have come to the
 * end, and the archives get about as much each. For one thread.
 */
final class DirectoryReader {

  // Few enough to be remembered: a terabyte has no more than 32,000 of them.
  private static final long LARGE = 32L << 20;

  private final Path top;
  private final Set<Path> elsewhere;
  private final ParallelTars tars;

  /**
   * Makes a reader.
   *
   * @param top PGDATA or a tablespace's location
   * @param elsewhere directories that are stored on their own, even if they lie below it
   * @param tars where the files go
   */
  DirectoryReader(Path top, Set<Path> elsewhere, ParallelTars tars) {
    this.top = top;
    this.elsewhere = Set.copyOf(elsewhere);
    this.tars = tars;
  }

  /** Stores what belongs into a backup, of the entries at the top that are asked for. */
  void read(Predicate<String> atTheTop) throws IOException {
    LargeFiles large = new LargeFiles();
    walk(atTheTop, large);
    Set<Path> handed = new HashSet<>();
    for (LargeFile one : large.largestFirst()) {
      tars.file(one.path(), one.file());
      handed.add(one.file());
    }
    walk(
        atTheTop,
        new Visitor() {
          @Override
          public void file(String path, Path file, long size) throws IOException {
            if (!handed.contains(file)) {
              tars.file(path, file);
            }
          }

          @Override
          public void directory(String path, Path directory) throws IOException {
            tars.directory(path, directory);
          }

          @Override
          public void link(String path, Path link) throws IOException {
            tars.link(path, link);
          }
        });
  }

  /** Sees what belongs into a backup. */
  private interface Visitor {
    void file(String path, Path file, long size) throws IOException;

    default void directory(String path, Path directory) throws IOException {}

    default void link(String path, Path link) throws IOException {}
  }

  private record LargeFile(String path, Path file, long size) {}

  private static final class LargeFiles implements Visitor {
    private final List<LargeFile> found = new ArrayList<>();

    @Override
    public void file(String path, Path file, long size) {
      if (size >= LARGE) {
        found.add(new LargeFile(path, file, size));
      }
    }

    List<LargeFile> largestFirst() {
      return found.stream().sorted(Comparator.comparingLong(LargeFile::size).reversed()).toList();
    }
  }

  private void walk(Predicate<String> atTheTop, Visitor visitor) throws IOException {
    for (Path entry : entries(top)) {
      String name = String.valueOf(entry.getFileName());
      if (atTheTop.test(name)) {
        walk(name, entry, visitor);
      }
    }
  }

  private void walk(String path, Path file, Visitor visitor) throws IOException {
    if (DataFiles.isLeftOut(path)
        || path.equals(DataFiles.CONTROL_FILE)
        || elsewhere.contains(file)) {
      return;
    }
    BasicFileAttributes attributes;
    try {
      attributes = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if (attributes.isDirectory()) {
      walkDirectory(path, file, visitor);
    } else if (attributes.isRegularFile()) {
      visitor.file(path, file, attributes.size());
    } else if (attributes.isSymbolicLink() && !Files.isDirectory(file)) {
      // A link to a directory leads to another volume, which is stored on its own or not at all.
      visitor.link(path, file);
    }
  }

  private void walkDirectory(String path, Path directory, Visitor visitor) throws IOException {
    List<Path> below;
    try {
      below = DataFiles.isEmptied(path) ? List.of() : entries(directory);
      visitor.directory(path, directory);
    } catch (NoSuchFileException e) {
      // Its database was dropped meanwhile.
      return;
    }
    for (Path entry : below) {
      walk(path + "/" + entry.getFileName(), entry, visitor);
    }
  }

  private static List<Path> entries(Path directory) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      throw new IOException("can't list " + directory, e);
    }
    entries.sort(null);
    return entries;
  }
}
