package dev.howdah.plugins.objectstore.postgres;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a test has opened and made: closed, last first, and deleted at its end. */
public final class Belongings implements AutoCloseable {

  private final List<AutoCloseable> open = new ArrayList<>();
  private final List<Path> directories = new ArrayList<>();

  /** Closes it at the end. */
  public <T extends AutoCloseable> T keep(T resource) {
    open.add(resource);
    return resource;
  }

  /** An empty directory that PostgreSQL's user owns. */
  public Path directory() throws IOException {
    Path directory = Postgres.directory();
    directories.add(directory);
    return directory;
  }

  @Override
  public void close() throws Exception {
    for (AutoCloseable resource : open.reversed()) {
      resource.close();
    }
    for (Path directory : directories) {
      Postgres.delete(directory);
    }
  }
}
