package dev.howdah.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A folder like a database's, as far as those care who archive its WAL, with copies of segments
 * that are marked ready as PostgreSQL marks them.
 */
final class Staging {

  private static final String CONTROL = "global/pg_control";
  private static final String STATUS = "archive_status";

  private Staging() {}

  /**
   * Makes one.
   *
   * @param folder a new one
   * @param data the database's
   * @return the copies
   */
  static List<Path> of(Path folder, Path data, List<Path> segments) throws IOException {
    Files.createDirectories(folder.resolve("global"));
    for (String file : List.of(CONTROL, "PG_VERSION")) {
      Files.copy(data.resolve(file), folder.resolve(file));
    }
    Path wal = Files.createDirectories(folder.resolve("pg_wal"));
    Files.createDirectory(wal.resolve(STATUS));
    List<Path> copies = new ArrayList<>();
    for (Path segment : segments) {
      Path copy = wal.resolve(String.valueOf(segment.getFileName()));
      Files.copy(segment, copy);
      Files.createFile(ready(copy));
      copies.add(copy);
    }
    return copies;
  }

  /** Takes note that a file was archived. */
  static void done(Path segment) throws IOException {
    Files.deleteIfExists(ready(segment));
  }

  private static Path ready(Path segment) {
    return segment.resolveSibling(STATUS + "/" + segment.getFileName() + ".ready");
  }
}
