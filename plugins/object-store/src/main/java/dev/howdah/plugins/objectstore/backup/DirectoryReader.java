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
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Hands the files of a running PostgreSQL over to be stored. */
final class DirectoryReader {

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
    for (Path entry : entries(top)) {
      String name = String.valueOf(entry.getFileName());
      if (atTheTop.test(name)) {
        read(name, entry);
      }
    }
  }

  private void read(String path, Path file) throws IOException {
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
      readDirectory(path, file);
    } else if (attributes.isRegularFile()) {
      tars.file(path, file);
    } else if (attributes.isSymbolicLink() && !Files.isDirectory(file)) {
      // A link to a directory leads to another volume, which is stored on its own or not at all.
      tars.link(path, file);
    }
  }

  private void readDirectory(String path, Path directory) throws IOException {
    List<Path> below;
    try {
      below = DataFiles.isEmptied(path) ? List.of() : entries(directory);
      tars.directory(path, directory);
    } catch (NoSuchFileException e) {
      // Its database was dropped meanwhile.
      return;
    }
    for (Path entry : below) {
      read(path + "/" + entry.getFileName(), entry);
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
